// What `inspect` found, for people and for programs.
#pragma once

#include "ingest/inspect.hpp"

#include <string>

namespace ingestor::app {

std::string as_json(const ingest::inspection& found);
std::string as_readable(const ingest::inspection& found);

}  // namespace ingestor::app
