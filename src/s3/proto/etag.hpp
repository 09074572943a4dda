// Entity tags without their quotation marks: as the ledger keeps them, and as they are compared.
//
// Source: RFC 9110, section 8.8.3. Whether a tag is weak is left out: S3's own tags are strong, and
// a proxy on the way that marks one as weak means the same object all the same.
#pragma once

#include <string>
#include <string_view>

namespace ingestor::s3::proto {

/// `"abc-2"` and `W/"abc-2"` → `abc-2`; what has no quotation marks stays as it is.
inline std::string_view unquoted_etag(std::string_view etag) {
  if (etag.starts_with("W/\"")) etag.remove_prefix(2);
  if (etag.size() >= 2 && etag.front() == '"' && etag.back() == '"') {
    return etag.substr(1, etag.size() - 2);
  }
  return etag;
}

inline std::string quoted_etag(std::string_view etag) {
  return '"' + std::string{unquoted_etag(etag)} + '"';
}

}  // namespace ingestor::s3::proto
