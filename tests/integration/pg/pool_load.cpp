// Eight workers on a pool of four connections, until stdin ends; for a test that restarts the
// server meanwhile, see test_restarts.py. What it writes it keeps account of: what the database has
// said to be committed must be there, what failed must not, and what has no answer may be.
//
// The line "ready" on stdin says that the server answers again. Once every worker has leased a
// connection since then and used it well, "recovered FIRST LAST" tells after how many milliseconds
// the first and the last of them had. At the end follow lines of facts, see report().
#include "pg/pool.hpp"
#include "pg/transaction.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <unistd.h>
#include <utility>
#include <vector>

namespace ingestor::pg {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using steady_clock = std::chrono::steady_clock;

constexpr int workers = 8;
constexpr std::size_t pool_size = 4;
/// No restart takes so long: whoever waits for a lease longer than this is stuck.
constexpr auto lease_timeout = 30s;
constexpr auto statement_timeout = 10s;
constexpr auto backoff_max = 1s;
constexpr std::int64_t rows_of_small_copy = 50;
constexpr std::int64_t rows_of_large_copy = 20'000;
constexpr std::string_view load_sql = "copy effect (id, n) from stdin (format binary)";

enum class outcome { committed, failed, unknown };

std::string_view name_of(outcome how) {
  constexpr std::array<std::string_view, 3> names{"committed", "failed", "unknown"};
  return names.at(static_cast<std::size_t>(how));
}

/// What a worker tried to write: `rows` rows of this id, or none.
struct effect {
  std::int64_t id = 0;
  std::int64_t rows = 0;
  outcome how = outcome::failed;
};

/// How long everybody took to work again.
struct recovery {
  steady_clock::time_point since;
  std::optional<steady_clock::duration> first;
  std::vector<bool> back = std::vector<bool>(workers);
};

class load {
 public:
  load(asio::io_context& io, connection_options to, std::uint64_t seed)
      : pool_{io.get_executor(), options(std::move(to)), keys_}, seed_{seed} {}

  asio::awaitable<void> work(int number);
  asio::awaitable<void> obey(asio::posix::stream_descriptor& commands);
  void report() const;

 private:
  using random = std::mt19937_64;

  static pool_options options(connection_options to);
  /// Whether all went well.
  asio::awaitable<bool> something(connection& on, random& chance);
  asio::awaitable<bool> ask(connection& on, random& chance);
  asio::awaitable<bool> insert(connection& on, random& chance);
  asio::awaitable<bool> copy(connection& on, random& chance);
  asio::awaitable<bool> transact(connection& on, random& chance);
  asio::awaitable<outcome> in_transaction(connection& on, const effect& what, bool dawdle);

  /// Of an operation that commits by itself.
  template <class T>
  outcome judge(const result<T>& done, const connection& on);
  bool account(effect what, outcome how);
  void failed(const error& why);
  void wrong(std::string what);
  void worked(int number, steady_clock::time_point leased);

  key_deriver keys_;
  pool pool_;
  std::uint64_t seed_;
  bool stopping_ = false;
  std::int64_t next_id_ = 1;
  std::vector<effect> effects_;
  std::map<error_category, int> errors_;
  std::map<error_category, int> leases_refused_;
  std::vector<std::string> wrong_;
  std::uint64_t operations_ = 0;
  steady_clock::duration waited_max_{};
  std::optional<recovery> recovering_;
};

pool_options load::options(connection_options to) {
  pool_options with;
  with.connection = std::move(to);
  with.size = pool_size;
  with.connect_timeout = 5s;
  with.backoff_min = 50ms;
  with.backoff_max = backoff_max;
  return with;
}

asio::awaitable<void> load::work(int number) {
  random chance{seed_ + static_cast<std::uint64_t>(number)};
  while (!stopping_) {
    auto got = co_await pool_.lease(lease_timeout);
    if (!got) {
      // The pool has been closed.
      if (stopping_) break;
      ++leases_refused_[got.error().category];
      std::fprintf(stderr, "no lease: %s\n", got.error().text().c_str());
      continue;
    }
    const auto leased = steady_clock::now();
    waited_max_ = std::max(waited_max_, got->waited());
    ++operations_;
    if (co_await something(**got, chance)) worked(number, leased);
  }
}

asio::awaitable<bool> load::something(connection& on, random& chance) {
  switch (chance() % 4) {
    case 0:
      co_return co_await ask(on, chance);
    case 1:
      co_return co_await insert(on, chance);
    case 2:
      co_return co_await copy(on, chance);
    default:
      co_return co_await transact(on, chance);
  }
}

asio::awaitable<bool> load::ask(connection& on, random& chance) {
  const auto number = static_cast<std::int64_t>(chance() % 1'000'000);
  const statement count{"count",
                        "select $1 + i from generate_series(0, 9) i",
                        {wire::int8(number)},
                        {wire::oid::int8}};
  const auto rows = co_await on.query(count, statement_timeout);
  if (!rows) {
    failed(rows.error());
    co_return false;
  }
  for (std::int64_t i = 0; i < 10; ++i) {
    const auto row = static_cast<std::size_t>(i);
    if (rows->size() != 10 || rows->get<std::int64_t>(row, 0) != number + i) {
      wrong("a query has the answer to another");
      co_return false;
    }
  }
  co_return true;
}

asio::awaitable<bool> load::insert(connection& on, random& chance) {
  const effect what{next_id_++, static_cast<std::int64_t>(1 + chance() % 5)};
  const statement insert{"insert",
                         "insert into effect select $1, i from generate_series(1, $2) i",
                         {wire::int8(what.id), wire::int8(what.rows)},
                         {}};
  const auto done = co_await on.execute(insert, statement_timeout);
  if (done && *done != static_cast<std::uint64_t>(what.rows)) wrong("an insert counts otherwise");
  co_return account(what, judge(done, on));
}

wire::copy_buffer rows_of(const effect& what) {
  wire::copy_buffer rows;
  for (std::int64_t i = 0; i < what.rows; ++i) {
    rows.begin_row(2);
    rows.int8(what.id);
    rows.int8(i);
  }
  rows.finish();
  return rows;
}

asio::awaitable<bool> load::copy(connection& on, random& chance) {
  const bool large = chance() % 20 == 0;
  const effect what{next_id_++, large ? rows_of_large_copy : rows_of_small_copy};
  const auto rows = rows_of(what);
  const auto done = co_await on.copy_in("copy", load_sql, rows, statement_timeout);
  if (done && *done != rows.rows()) wrong("a COPY counts otherwise");
  co_return account(what, judge(done, on));
}

asio::awaitable<bool> load::transact(connection& on, random& chance) {
  const effect what{next_id_++, rows_of_small_copy + 2};
  const auto how = co_await in_transaction(on, what, chance() % 10 == 0);
  co_return account(what, how);
}

asio::awaitable<outcome> load::in_transaction(connection& on, const effect& what, bool dawdle) {
  const statement one{"one row", "insert into effect values ($1, 0)", {wire::int8(what.id)}, {}};
  const std::vector<statement> single{one};
  auto open = co_await transaction::begin(on, statement_timeout, single);
  if (!open) {
    failed(open.error());
    co_return outcome::failed;
  }
  const auto rows = rows_of({what.id, what.rows - 2});
  const auto copied = co_await on.copy_in("copy", load_sql, rows, statement_timeout);
  if (!copied) {
    failed(copied.error());
    co_return outcome::failed;
  }
  const statement pause{"pause", "select pg_sleep(0.05)", {}, {}};
  const std::vector<statement> slowly{pause, one};
  const auto done = co_await open->commit(statement_timeout, dawdle ? slowly : single);
  co_return judge(done, on);
}

template <class T>
outcome load::judge(const result<T>& done, const connection& on) {
  if (done) return outcome::committed;
  failed(done.error());
  return on.usable() ? outcome::failed : outcome::unknown;
}

bool load::account(effect what, outcome how) {
  what.how = how;
  effects_.push_back(what);
  return how == outcome::committed;
}

void load::failed(const error& why) {
  ++errors_[why.category];
  // A restart of the server is no reason for any of these.
  const bool expected =
      why.category == error_category::connection || why.category == error_category::shutdown;
  if (!expected) wrong(why.text());
}

void load::wrong(std::string what) {
  wrong_.push_back(std::move(what));
}

void load::worked(int number, steady_clock::time_point leased) {
  if (!recovering_ || leased < recovering_->since) return;
  auto& now = *recovering_;
  const auto took = steady_clock::now() - now.since;
  if (!now.first) now.first = took;
  now.back[static_cast<std::size_t>(number)] = true;
  if (std::find(now.back.begin(), now.back.end(), false) != now.back.end()) return;
  const auto ms = [](steady_clock::duration time) {
    return static_cast<long long>(
        std::chrono::duration_cast<std::chrono::milliseconds>(time).count());
  };
  std::printf("recovered %lld %lld\n", ms(*now.first), ms(took));
  std::fflush(stdout);
  recovering_.reset();
}

asio::awaitable<void> load::obey(asio::posix::stream_descriptor& commands) {
  std::string line;
  for (;;) {
    auto into = asio::dynamic_buffer(line, 100);
    const auto [failure, bytes] =
        co_await asio::async_read_until(commands, into, '\n', asio::as_tuple(asio::use_awaitable));
    if (failure) break;
    line.erase(0, bytes);
    recovering_.emplace();
    recovering_->since = steady_clock::now();
  }
  stopping_ = true;
  co_await pool_.close();
}

void load::report() const {
  const auto stats = pool_.stats();
  std::printf("operations %llu\n", static_cast<unsigned long long>(operations_));
  std::printf("attempts %llu\n", static_cast<unsigned long long>(stats.attempts));
  std::printf("attempts_failed %llu\n", static_cast<unsigned long long>(stats.attempts_failed));
  std::printf("lease_waited_ms_max %lld\n",
              static_cast<long long>(
                  std::chrono::duration_cast<std::chrono::milliseconds>(waited_max_).count()));
  std::printf("left_in_pool %zu\n", stats.idle + stats.in_use + stats.connecting + stats.waiting);
  for (const auto& [category, count] : errors_) {
    std::printf("errors %d %s\n", count, std::string{name_of(category)}.c_str());
  }
  for (const auto& [category, count] : leases_refused_) {
    std::printf("leases_refused %d %s\n", count, std::string{name_of(category)}.c_str());
  }
  for (const auto& what : wrong_) std::printf("wrong %s\n", what.c_str());
  for (const auto& [id, rows, how] : effects_) {
    std::printf("effect %lld %lld %s\n", static_cast<long long>(id), static_cast<long long>(rows),
                std::string{name_of(how)}.c_str());
  }
}

int run(std::string_view text) {
  std::uint64_t seed = 0;
  const auto* const text_end = text.data() + text.size();
  const auto [end, failure] = std::from_chars(text.data(), text_end, seed);
  if (failure != std::errc{} || end != text_end) {
    std::fputs("usage: pool-load SEED, with INGESTOR_TEST_DATABASE_URL\n", stderr);
    return 2;
  }
  const char* const url = std::getenv("INGESTOR_TEST_DATABASE_URL");
  auto to = parse_connection_uri(url ? url : "");
  if (!to) {
    std::fprintf(stderr, "INGESTOR_TEST_DATABASE_URL: %s\n", to.error().front().c_str());
    return 2;
  }
  asio::io_context io;
  asio::posix::stream_descriptor commands{io, ::dup(STDIN_FILENO)};
  load all{io, std::move(*to), seed};
  const auto on_end = [](const std::exception_ptr& thrown) {
    if (thrown) std::rethrow_exception(thrown);
  };
  for (int number = 0; number < workers; ++number) asio::co_spawn(io, all.work(number), on_end);
  asio::co_spawn(io, all.obey(commands), on_end);
  io.run();
  all.report();
  return 0;
}

}  // namespace
}  // namespace ingestor::pg

int main(int argc, char** argv) {
  try {
    return ingestor::pg::run(argc == 2 ? argv[1] : "");
  } catch (const std::exception& bug) {
    std::fprintf(stderr, "%s\n", bug.what());
    return 1;
  }
}
