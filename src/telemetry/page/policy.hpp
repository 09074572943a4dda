// What a browser may do with the page: nothing but what the page itself brings.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace ingestor::telemetry::page {

/// `sha256-…`, as a content security policy names a style or a script that stands in the page.
std::string source_hash(std::string_view text);

/// HTTP headers; made once.
const std::vector<std::pair<std::string, std::string>>& protective_headers();

}  // namespace ingestor::telemetry::page
