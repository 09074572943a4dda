// How every transaction here begins.
#pragma once

#include <string_view>

namespace ingestor::ledger {

/// By name, whatever default_transaction_isolation and default_transaction_read_only say: under
/// repeatable read a heartbeat would make the commit of its own replica fail, and a migration would
/// look at the schema as it was before it waited for its lock.
inline constexpr std::string_view begin_sql = "begin isolation level read committed, read write";

}  // namespace ingestor::ledger
