// What the ledger's statements share.
#pragma once

#include "ledger/scope.hpp"
#include "pg/connection.hpp"

#include <chrono>
#include <string_view>

namespace ingestor::ledger {

/// For one statement. None reads more than a batch or a page, but any may wait for another's lock.
inline constexpr std::chrono::seconds query_timeout{30};

/// With the bucket as $1 and the prefix of its keys as $2. `name` and `sql` must outlive it.
pg::statement statement_about(const scope& where, std::string_view name, std::string_view sql);

}  // namespace ingestor::ledger
