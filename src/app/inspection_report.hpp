// What `inspect` found, for people and for programs.
#pragma once

#include "ingest/inspect.hpp"
#include "ingest/inspect_survey.hpp"

#include <string>

namespace ingestor::app {

std::string as_json(const ingest::inspection& found);
std::string as_readable(const ingest::inspection& found);

/// Of many files. The JSON has the keys of one file, `format` and `compression` being "mixed" where
/// they differ, a `key` in each of the rejects, and besides: `rejected_by_reason`, and `files` with
/// `listed`, `read`, `unreadable`, `bytes_compressed`, `bytes_inflated`, `formats`, `compressions`
/// and `failures`: [{"key","stage","error"}].
std::string as_json(const ingest::survey& found);
std::string as_readable(const ingest::survey& found, double seconds);

}  // namespace ingestor::app
