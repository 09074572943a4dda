#include "ingest/load_transaction.hpp"

#include "ingest/bounds.hpp"
#include "normalise/column.hpp"
#include "normalise/rejection.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <string>
#include <vector>

namespace ingestor::ingest {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

template <std::size_t count>
std::string copy_sql(std::string_view table, const std::array<std::string_view, count>& columns) {
  std::string sql = "copy " + std::string{table};
  for (std::size_t n = 0; n < count; ++n) {
    sql += n == 0 ? " (" : ", ";
    sql += columns[n];
  }
  return sql + ") from stdin (format binary)";
}

// What a row makes fail at COMMIT (a deferred constraint or trigger) is judged as it is in COPY.
failure from_commit(const pg::error& error) {
  if (error.statement != "commit" || error.category != pg::error_category::statement) {
    return from_database(error);
  }
  auto as_in_copy = error;
  as_in_copy.category = pg::classify(error.sqlstate, pg::phase::copy);
  return from_database(as_in_copy);
}

}  // namespace

load_transaction::load_transaction(pg::connection& db, const transaction_terms& terms)
    : db_{db}, terms_{terms} {}

load_transaction::load_transaction(pg::connection& db, const transaction_terms& terms,
                                   const ledger::claimed_file& file)
    : db_{db}, terms_{terms}, clearing_{ledger::clearing_statements(file, terms.session)} {}

asio::awaitable<result<void, failure>> load_transaction::begin() {
  if (open_) co_return result<void, failure>{};
  auto first = ledger::opening_statements(terms_.session, terms_.lease);
  std::ranges::copy(clearing_, std::back_inserter(first));
  const pg::connection::duration timeout =
      clearing_.empty() ? pg::connection::duration{statement_timeout} : clearing_timeout;
  auto begun = co_await pg::transaction::begin(db_, timeout, first);
  if (!begun) co_return from_database(begun.error());
  open_.emplace(std::move(*begun));
  co_return result<void, failure>{};
}

asio::awaitable<result<void, failure>> load_transaction::copy_table(std::string_view name,
                                                                    std::string_view sql,
                                                                    pg::wire::copy_buffer& rows) {
  if (rows.rows() == 0) co_return result<void, failure>{};
  const auto sent = rows.rows();
  rows.finish();
  const auto stored = co_await db_.copy_in(name, sql, rows, copy_timeout);
  if (!stored) co_return from_database(stored.error());
  if (*stored != sent) {
    co_return failure{failure_kind::file, stage::write,
                      "the database kept " + std::to_string(*stored) + " of " +
                          std::to_string(sent) + " rows (" + std::string{name} +
                          "): look for a trigger or rule that drops rows"};
  }
  co_return result<void, failure>{};
}

asio::awaitable<result<copied, failure>> load_transaction::copy(staging& from) {
  const auto start = std::chrono::steady_clock::now();
  copied done{};
  done.rows = from.rows.rows();
  done.bytes = from.rows.size();
  if (from.empty()) co_return done;
  static const auto log_sql = copy_sql("log", normalise::log_columns);
  static const auto rejects_sql = copy_sql("rejected_line", normalise::rejected_line_columns);
  auto written = co_await begin();
  if (written) written = co_await copy_table("copy rows into log", log_sql, from.rows);
  if (written) {
    written = co_await copy_table("copy lines into rejected_line", rejects_sql, from.rejects);
  }
  if (!written) co_return written.error();
  from.clear();
  done.took = std::chrono::steady_clock::now() - start;
  co_return done;
}

asio::awaitable<load_transaction::verdict> load_transaction::commit(
    std::span<const ledger::completed_file> completed,
    std::span<const ledger::failed_file> failed) {
  verdict end{};
  const auto begun = co_await begin();
  if (!begun) {
    end.what = ending::not_committed;
    end.why = begun.error();
    co_return end;
  }
  std::vector<pg::statement> outcome;
  if (!completed.empty()) {
    outcome.push_back(ledger::complete_statement(completed, terms_.replica));
  }
  if (!failed.empty()) {
    outcome.push_back(ledger::fail_statement(failed, terms_.replica, terms_.retry));
  }
  const auto done = co_await open_->commit(statement_timeout, outcome);
  if (!done) {
    end.what = db_.usable() ? ending::not_committed : ending::unknown;
    end.why = from_commit(done.error());
  }
  open_.reset();
  co_return end;
}

asio::awaitable<void> load_transaction::roll_back() {
  if (open_) (void)co_await open_->rollback(statement_timeout);
  open_.reset();
}

}  // namespace ingestor::ingest
