#include "ingest/load_transaction.hpp"

#include "ingest/bounds.hpp"
#include "ingest/dropped_rows.hpp"
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

pg::statement immediate_constraints() {
  pg::statement all{};
  all.name = "check constraints at once";
  all.sql = "set constraints all immediate";
  return all;
}

}  // namespace

load_transaction::load_transaction(pg::connection& db, const transaction_terms& terms)
    : db_{db}, terms_{terms}, savepoint_{db} {}

load_transaction::load_transaction(pg::connection& db, const transaction_terms& terms,
                                   const ledger::claimed_file& file, care how)
    : db_{db},
      terms_{terms},
      clearing_{ledger::clearing_statements(file)},
      how_{how},
      savepoint_{db} {}

asio::awaitable<result<void, failure>> load_transaction::begin() {
  if (open_) co_return result<void, failure>{};
  auto first = ledger::opening_statements(terms_.session, terms_.lease);
  std::ranges::copy(clearing_, std::back_inserter(first));
  if (how_ == care::each_row) first.push_back(immediate_constraints());
  const pg::connection::duration timeout =
      clearing_.empty() ? pg::connection::duration{statement_timeout} : clearing_timeout;
  auto begun = co_await pg::transaction::begin(db_, timeout, first);
  if (!begun) co_return from_database(begun.error());
  open_.emplace(std::move(*begun));
  co_return result<void, failure>{};
}

asio::awaitable<result<void, failure>> load_transaction::copy_table(std::string_view table,
                                                                    std::string_view name,
                                                                    std::string_view sql,
                                                                    pg::wire::copy_buffer& rows) {
  if (rows.rows() == 0) co_return result<void, failure>{};
  const auto begun = co_await begin();
  if (!begun) co_return begun.error();
  const auto sent = rows.rows();
  rows.finish();
  const auto stored = co_await db_.copy_in(name, sql, rows, copy_timeout);
  if (!stored) co_return from_database(stored.error());
  if (*stored != sent) co_return co_await dropped_rows(db_, table, sent, *stored);
  co_return result<void, failure>{};
}

asio::awaitable<result<void, failure>> load_transaction::send_rows(pg::wire::copy_buffer& rows) {
  static const auto sql = copy_sql("log", normalise::log_columns);
  co_return co_await copy_table("log", "copy rows into log", sql, rows);
}

asio::awaitable<result<void, failure>> load_transaction::send_rejects(
    pg::wire::copy_buffer& rejects) {
  static const auto sql = copy_sql("rejected_line", normalise::rejected_line_columns);
  co_return co_await copy_table("rejected_line", "copy lines into rejected_line", sql, rejects);
}

asio::awaitable<result<copied, failure>> load_transaction::copy(staging& from) {
  const auto start = std::chrono::steady_clock::now();
  copied done{};
  done.rows = from.rows.rows();
  done.bytes = from.rows.size();
  if (from.empty()) co_return done;
  auto written = co_await send_rows(from.rows);
  if (written) written = co_await send_rejects(from.rejects);
  if (!written) co_return written.error();
  from.clear();
  done.took = std::chrono::steady_clock::now() - start;
  co_return done;
}

asio::awaitable<result<void, failure>> load_transaction::set_savepoint() {
  const auto begun = co_await begin();
  if (!begun) co_return begun.error();
  const auto set = co_await savepoint_.set(statement_timeout);
  if (!set) co_return from_database(set.error());
  co_return result<void, failure>{};
}

asio::awaitable<result<void, failure>> load_transaction::go_back() {
  const auto done = co_await savepoint_.go_back(statement_timeout);
  if (!done) co_return from_database(done.error());
  co_return result<void, failure>{};
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
