// A request to S3 before it is signed: what is asked, not yet how it is written.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace ingestor::aws {

/// Name and value. Names of headers are compared without regard to case.
using name_value = std::pair<std::string, std::string>;

struct unsigned_request {
  std::string method;
  /// As bytes, not encoded: "/bucket/a key with spaces". Begins with a slash.
  std::string path;
  /// Not encoded either; in any order.
  std::vector<name_value> query;
  /// All headers to be signed, `host` among them.
  std::vector<name_value> headers;
};

/// What goes into the request line: path and query, encoded exactly as they are signed.
std::string target_of(const unsigned_request& request);

}  // namespace ingestor::aws
