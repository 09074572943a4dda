#include "codec/error.hpp"

namespace ingestor::codec {

const char* error::stage() const {
  switch (kind) {
    case error_kind::truncated:
    case error_kind::corrupt:
    case error_kind::trailing_garbage:
    case error_kind::too_large:
      return "inflate";
    case error_kind::binary:
    case error_kind::unsupported:
      break;
  }
  return "decode";
}

}  // namespace ingestor::codec
