#include "ledger/statements.hpp"

namespace ingestor::ledger {

pg::statement statement_about(const scope& where, std::string_view name, std::string_view sql) {
  pg::statement statement{};
  statement.name = name;
  statement.sql = sql;
  statement.parameters.push_back(pg::wire::text(where.bucket));
  statement.parameters.push_back(pg::wire::text(where.key_prefix));
  return statement;
}

}  // namespace ingestor::ledger
