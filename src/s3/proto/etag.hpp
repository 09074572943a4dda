// Entity tags without their quotation marks: as the ledger keeps them, and as they are compared.
#pragma once

#include <string>
#include <string_view>

namespace ingestor::s3::proto {

/// `"abc-2"` → `abc-2`; what has no quotation marks stays as it is.
inline std::string_view unquoted_etag(std::string_view etag) {
  if (etag.size() >= 2 && etag.front() == '"' && etag.back() == '"') {
    return etag.substr(1, etag.size() - 2);
  }
  return etag;
}

inline std::string quoted_etag(std::string_view etag) {
  return '"' + std::string{unquoted_etag(etag)} + '"';
}

}  // namespace ingestor::s3::proto
