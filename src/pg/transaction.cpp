#include "pg/transaction.hpp"

#include "pg/fsm/violation.hpp"

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace ingestor::pg {
namespace {

namespace asio = boost::asio;

constexpr char idle = 'I';
constexpr char in_transaction = 'T';

statement command(std::string_view name, std::string_view sql) {
  statement one;
  one.name = name;
  one.sql = sql;
  return one;
}

asio::awaitable<result<void>> roll_back(connection& on, connection::duration timeout) {
  if (on.transaction_status() == idle) co_return result<void>{};
  const auto end = command("rollback", "rollback");
  const auto done = co_await on.execute(end, timeout);
  if (!done) co_return done.error();
  co_return result<void>{};
}

}  // namespace

void transaction::closer::operator()(connection* open) const {
  if (open->transaction_status() != idle) open->drop();
}

asio::awaitable<result<transaction>> transaction::begin(connection& on, duration timeout,
                                                        std::span<const statement> first) {
  if (on.transaction_status() != idle) throw std::logic_error{"a transaction inside another"};
  std::vector<statement> statements;
  statements.push_back(command("begin", "begin isolation level read committed, read write"));
  statements.insert(statements.end(), first.begin(), first.end());
  transaction begun{on};
  const auto done = co_await on.pipeline(statements, timeout);
  if (done && on.transaction_status() == in_transaction) co_return begun;
  if (done) {
    // Each statement would commit on its own.
    on.drop();
    co_return fsm::violation("the server answers BEGIN and begins no transaction");
  }
  if (on.usable()) co_await roll_back(on, timeout);
  co_return done.error();
}

asio::awaitable<result<void>> transaction::commit(duration timeout,
                                                  std::span<const statement> last) {
  auto& on = *on_;
  std::vector<statement> statements{last.begin(), last.end()};
  statements.push_back(command("commit", "commit"));
  const auto done = co_await on.pipeline(statements, timeout);
  if (!done) {
    if (on.usable()) co_await roll_back(on, timeout);
    co_return done.error();
  }
  // A transaction that had failed ends with ROLLBACK, whatever was asked for.
  const auto tag = done->back().command_tag();
  if (tag == "COMMIT") co_return result<void>{};
  auto failure =
      make_error(error_category::statement, "the server answered COMMIT with " + std::string{tag} +
                                                ": a statement of this transaction had failed");
  failure.statement = "commit";
  failure.server = on.server();
  co_return failure;
}

asio::awaitable<result<void>> transaction::rollback(duration timeout) {
  if (!on_->usable()) co_return result<void>{};
  co_return co_await roll_back(*on_, timeout);
}

}  // namespace ingestor::pg
