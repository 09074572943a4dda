// Why bytes are not the message they claim to be, or why a message cannot be put into bytes.
#pragma once

#include "base/result.hpp"

#include <string>

namespace ingestor::pg::wire {

/// `reason` names the message and what is wrong with it; it never quotes what the peer sent, so it
/// may be shown to people as it is.
struct malformed {
  std::string reason;
};

template <class T>
using decoded = result<T, malformed>;

}  // namespace ingestor::pg::wire
