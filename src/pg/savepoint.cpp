#include "pg/savepoint.hpp"

#include <span>
#include <vector>

namespace ingestor::pg {
namespace {

namespace asio = boost::asio;

statement command(std::string_view name, std::string_view sql) {
  statement one;
  one.name = name;
  one.sql = sql;
  return one;
}

}  // namespace

asio::awaitable<result<void>> savepoint::set(duration timeout) {
  std::vector<statement> statements;
  if (is_set_) {
    statements.push_back(command("release the savepoint", "release savepoint ingestor"));
  }
  statements.push_back(command("set a savepoint", "savepoint ingestor"));
  const auto done = co_await on_.pipeline(statements, timeout);
  if (!done) co_return done.error();
  is_set_ = true;
  co_return result<void>{};
}

asio::awaitable<result<void>> savepoint::go_back(duration timeout) {
  const auto back = command("go back to the savepoint", "rollback to savepoint ingestor");
  const auto done = co_await on_.execute(back, timeout);
  if (!done) co_return done.error();
  co_return result<void>{};
}

}  // namespace ingestor::pg
