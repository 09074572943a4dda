// The real ledger beside its model: both as text in the same words, and what only a test does to
// the real one.
#pragma once

#include "ledger/claim.hpp"
#include "model/table.hpp"
#include "pg/connection.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ingestor::ledger::model {

/// Of the schema in the search path: one row of one text, as shown() of its model.
extern const std::string_view shown_sql;

std::string shown(const table& ledger);

/// What was claimed.
std::string shown(const std::vector<claimed_file>& files);

/// Of every row that lands.
inline constexpr timestamp row_time{std::chrono::hours{24 * 365 * 50}};

/// Moves what the ledger has stored back by so many times ten minutes.
pg::statement pass_statement(std::int64_t times);

/// One row of `file` into `log`, its ETag as the message.
pg::statement land_statement(const claimed_file& file);

}  // namespace ingestor::ledger::model
