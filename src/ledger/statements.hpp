// What the ledger's statements share.
#pragma once

#include <chrono>

namespace ingestor::ledger {

/// For one statement. None reads more than a batch or a page, but any may wait for another's lock.
inline constexpr std::chrono::seconds query_timeout{30};

}  // namespace ingestor::ledger
