// Why an object cannot be turned into lines. Any of these fails the file as a whole.
#pragma once

#include <string>

namespace ingestor::codec {

enum class error_kind {
  truncated,         ///< the compressed data ends before its end
  corrupt,           ///< a header, block or checksum is wrong
  trailing_garbage,  ///< something other than zeros follows the last gzip member
  too_large,         ///< more inflated bytes than limits::object_bytes_max
  binary,            ///< neither compressed nor text
  unsupported,       ///< a known format that this version does not read
};

struct error {
  error_kind kind;
  /// One line of English that says what is wrong and where. Never quotes the data.
  std::string message;

  /// The value for `metadata.stage` in the ledger: "inflate" or "decode".
  const char* stage() const;
};

}  // namespace ingestor::codec
