// What the ledger's statements share.
#pragma once

#include <chrono>
#include <string_view>

namespace ingestor::ledger {

/// For one statement. None reads more than a batch or a page, but any may wait for another's lock.
inline constexpr std::chrono::seconds query_timeout{30};

/// How every transaction begins: by name, whatever default_transaction_isolation and
/// default_transaction_read_only say. Under repeatable read a heartbeat would make the commit of
/// its own replica fail, and a migration would look at the schema as it was before it waited for
/// its lock.
inline constexpr std::string_view begin_sql = "begin isolation level read committed, read write";

}  // namespace ingestor::ledger
