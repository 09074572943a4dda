// Logging in through PgBouncer, and many clients on its few connections to the server.
#include "pooler.hpp"

#include "pg/copy_writer.hpp"
#include "pg/pool.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>

namespace ingestor::pg {
namespace {

using testing::HasSubstr;

class pooler_login : public pooler_test {
 protected:
  std::optional<error> attempt() {
    std::optional<error> failure;
    run([this, &failure]() -> asio::awaitable<void> {
      auto with = options;
      const auto made = co_await connect(std::move(with), 10s, keys);
      if (!made) failure = made.error();
    });
    return failure;
  }
};

TEST_F(pooler_login, with_the_parameters_that_every_pooler_takes) {
  options.application_name = "through a pooler";
  run([this]() -> asio::awaitable<void> {
    const auto client = co_await connected();
    EXPECT_EQ(client->parameter("client_encoding"), "UTF8");
    const statement ask{"settings",
                        "select current_setting('application_name'), "
                        "current_setting('client_encoding')",
                        {},
                        {wire::oid::text, wire::oid::text}};
    const auto rows = co_await client->query(ask, 10s);
    EXPECT_TRUE(rows) << (rows ? "" : rows.error().text());
    EXPECT_EQ(rows->get<std::string>(0, 0), "through a pooler");
    EXPECT_EQ(rows->get<std::string>(0, 1), "UTF8");
  });
}

TEST_F(pooler_login, with_options_which_it_refuses) {
  options.options = "-c statement_timeout=60s";
  const auto failure = attempt();
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->category, error_category::configuration) << failure->text();
  EXPECT_THAT(failure->text(), HasSubstr("unsupported startup parameter: options"));
  EXPECT_THAT(failure->hint, HasSubstr("ALTER ROLE"));
}

TEST_F(pooler_login, with_a_wrong_password_needs_a_person) {
  options.password = secret{"wrong password"};
  const auto failure = attempt();
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->category, error_category::authentication) << failure->text();
}

TEST_F(pooler_login, asks_for_the_role_that_it_does_not_report) {
  options.target = session_attributes::read_write;
  EXPECT_FALSE(attempt());
  io.restart();
  options.target = session_attributes::standby;
  const auto failure = attempt();
  ASSERT_TRUE(failure);
  EXPECT_THAT(failure->text(), HasSubstr("target_session_attrs"));
}

TEST_F(pooler_login, more_clients_than_server_connections_wait) {
  run([this]() -> asio::awaitable<void> {
    const auto one = co_await connected();
    const auto two = co_await connected();
    const auto third = co_await connected();
    const auto first_open = co_await transaction::begin(*one, 10s);
    const auto second_open = co_await transaction::begin(*two, 10s);
    EXPECT_TRUE(first_open && second_open);
    const auto in_vain = co_await transaction::begin(*third, 100ms);
    EXPECT_FALSE(in_vain) << "the pooler has more connections to the server than these tests mean";
    if (!in_vain) {
      EXPECT_EQ(in_vain.error().category, error_category::timeout) << in_vain.error().text();
    }
  });
}

/// Twenty clients on two connections to the server. Each does a bit of everything, and knows what
/// the answer to each has to be.
class pooler_load : public pooler_test {
 protected:
  static constexpr int clients = 20;
  static constexpr int rounds = 3;
  static constexpr std::int64_t rows_each = 100;

  pool_options all_clients() const {
    pool_options with;
    with.connection = options;
    with.size = clients;
    return with;
  }

  asio::awaitable<void> one_client(pool& from, std::int64_t number);
  asio::awaitable<void> ask(connection& on, std::int64_t number);
  asio::awaitable<void> ask_in_a_pipeline(connection& on, std::int64_t number);
  asio::awaitable<void> be_refused(connection& on);
  asio::awaitable<void> copy(connection& on, std::int64_t number);
  asio::awaitable<void> copy_what_is_refused(connection& on, std::int64_t number);
  asio::awaitable<void> abort_a_copy(connection& on, std::int64_t number);
  asio::awaitable<void> leave_a_copy(connection& on, std::int64_t number);
  asio::awaitable<void> copy_in_a_transaction(connection& on, std::int64_t number);
  asio::awaitable<void> fail_in_a_transaction(connection& on, std::int64_t number);
  asio::awaitable<void> be_cancelled(connection& on, std::int64_t number);
  asio::awaitable<void> wait_for_a_lock(connection& on, std::int64_t number,
                                        std::optional<error>& end);

  int running = clients;
  asio::steady_timer last_one_ended{io, asio::steady_timer::time_point::max()};
  std::size_t in_use_max = 0;
  std::int64_t rows_expected = 0;
  int cancelled = 0;

  static constexpr std::string_view load = "copy pooled (batch, n) from stdin (format binary)";
};

template <class T>
void expect_done(const result<T>& done) {
  EXPECT_TRUE(done) << (done ? "" : done.error().text());
}

template <class T>
void expect_refused(const result<T>& done, std::string_view sqlstate) {
  EXPECT_FALSE(done);
  if (!done) {
    EXPECT_EQ(done.error().sqlstate, sqlstate) << done.error().text();
  }
}

asio::awaitable<void> pooler_load::ask(connection& on, std::int64_t number) {
  const statement echo{"echo",
                       "select $1, $2 || coalesce(current_setting('pooled.mark', true), '')",
                       {wire::int8(number), wire::text("of " + std::to_string(number))},
                       {wire::oid::int8, wire::oid::text}};
  const auto rows = co_await on.query(echo, 60s);
  expect_done(rows);
  if (!rows) co_return;
  EXPECT_EQ(rows->get<std::int64_t>(0, 0), number);
  EXPECT_EQ(rows->get<std::string>(0, 1), "of " + std::to_string(number));
}

asio::awaitable<void> pooler_load::ask_in_a_pipeline(connection& on, std::int64_t number) {
  std::vector<statement> many;
  for (std::int64_t i = 0; i < 5; ++i) {
    many.push_back(
        {"sum", "select $1 + $2", {wire::int8(number), wire::int8(i)}, {wire::oid::int8}});
  }
  const auto answers = co_await on.pipeline(many, 60s);
  expect_done(answers);
  for (std::int64_t i = 0; answers && i < 5; ++i) {
    EXPECT_EQ((*answers)[static_cast<std::size_t>(i)].get<std::int64_t>(0, 0), number + i);
  }
}

asio::awaitable<void> pooler_load::be_refused(connection& on) {
  const statement division{"division", "select 1 / 0", {}, {}};
  const auto done = co_await on.execute(division, 60s);
  expect_refused(done, "22012");
}

asio::awaitable<void> pooler_load::copy(connection& on, std::int64_t number) {
  const auto buffer = rows(number, rows_each);
  const auto done = co_await on.copy_in("load", load, buffer, 60s);
  expect_done(done);
  if (done) rows_expected += rows_each;
}

asio::awaitable<void> pooler_load::copy_what_is_refused(connection& on, std::int64_t number) {
  const auto buffer = rows(number, rows_each, true);
  const auto done = co_await on.copy_in("load", load, buffer, 60s);
  expect_refused(done, "23514");
}

asio::awaitable<void> pooler_load::abort_a_copy(connection& on, std::int64_t number) {
  auto writer = co_await copy_writer::begin(on, "load", load, 60s);
  expect_done(writer);
  if (!writer) co_return;
  const auto buffer = rows(number, rows_each);
  expect_done(co_await writer->write(buffer.bytes(), 60s));
  expect_done(co_await writer->abort("no more", 60s));
}

asio::awaitable<void> pooler_load::leave_a_copy(connection& on, std::int64_t number) {
  auto writer = co_await copy_writer::begin(on, "load", load, 60s);
  expect_done(writer);
  if (!writer) co_return;
  const auto buffer = rows(number, rows_each);
  expect_done(co_await writer->write(buffer.bytes(), 60s));
}

asio::awaitable<void> pooler_load::copy_in_a_transaction(connection& on, std::int64_t number) {
  const std::vector<statement> first{
      {"mark", "select set_config('pooled.mark', 'of another', true)", {}, {}},
      {"lock", "select pg_advisory_xact_lock($1)", {wire::int8(number)}, {}}};
  auto open = co_await transaction::begin(on, 60s, first);
  expect_done(open);
  if (!open) co_return;
  const auto buffer = rows(number, rows_each);
  for (int i = 0; i < 2; ++i) expect_done(co_await on.copy_in("load", load, buffer, 60s));
  const std::vector<statement> last{
      {"one more", "insert into pooled values ($1, 0)", {wire::int8(number)}, {}}};
  const auto committed = co_await open->commit(60s, last);
  expect_done(committed);
  if (committed) rows_expected += 2 * rows_each + 1;
}

asio::awaitable<void> pooler_load::fail_in_a_transaction(connection& on, std::int64_t number) {
  auto open = co_await transaction::begin(on, 60s);
  expect_done(open);
  if (!open) co_return;
  co_await copy_what_is_refused(on, number);
  EXPECT_EQ(on.transaction_status(), 'E');
  expect_done(co_await open->rollback(60s));
}

asio::awaitable<void> pooler_load::wait_for_a_lock(connection& on, std::int64_t number,
                                                   std::optional<error>& end) {
  // Two keys, so that no other lock of this test is meant.
  const statement wait{"wait",
                       "select pg_advisory_xact_lock(706, $1)",
                       {wire::int4(static_cast<std::int32_t>(number))},
                       {}};
  const auto done = co_await on.execute(wait, 60s);
  end = done ? make_error(error_category::statement, "it got the lock") : done.error();
}

asio::awaitable<void> pooler_load::be_cancelled(connection& on, std::int64_t number) {
  const auto holder = co_await directly();
  const auto key = std::to_string(number);
  co_await script(*holder, "begin; select pg_advisory_xact_lock(706, " + key + ")");
  std::optional<error> end;
  auto waiting = wait_for_a_lock(on, number, end);
  asio::co_spawn(io, std::move(waiting), asio::detached);
  const auto waits =
      "select count(*) from pg_locks where locktype = 'advisory' and not granted "
      "and classid = 706 and objid = " +
      key;
  while (!end && co_await one_bigint(*holder, waits) == 0) {
  }
  expect_done(co_await on.cancel(60s));
  while (!end) co_await one_bigint(*holder, "select 1::bigint");
  EXPECT_EQ(end->sqlstate, "57014") << end->text();
  ++cancelled;
}

asio::awaitable<void> pooler_load::one_client(pool& from, std::int64_t number) {
  for (int round = 0; round < rounds; ++round) {
    for (int kind = 0; kind < 9; ++kind) {
      auto got = co_await from.lease(60s);
      expect_done(got);
      if (!got) continue;
      in_use_max = std::max(in_use_max, from.stats().in_use);
      auto& on = **got;
      co_await ask(on, number);
      // Each begins with another kind, so that all kinds meet.
      switch ((kind + number) % 9) {
        case 0:
          co_await ask_in_a_pipeline(on, number);
          break;
        case 1:
          co_await be_refused(on);
          break;
        case 2:
          co_await copy(on, number);
          break;
        case 3:
          co_await copy_what_is_refused(on, number);
          break;
        case 4:
          co_await abort_a_copy(on, number);
          break;
        case 5:
          co_await leave_a_copy(on, number);
          continue;
        case 6:
          co_await copy_in_a_transaction(on, number);
          break;
        case 7:
          co_await fail_in_a_transaction(on, number);
          break;
        default:
          if (number % 5 == 0) co_await be_cancelled(on, number);
          break;
      }
      EXPECT_TRUE(on.usable());
      EXPECT_EQ(on.transaction_status(), 'I');
      co_await ask(on, number);
    }
  }
  if (--running == 0) last_one_ended.cancel();
}

TEST_F(pooler_load, twenty_clients_share_two_connections_to_the_server) {
  options.application_name = "pooler-load";
  run([this]() -> asio::awaitable<void> {
    pool all{io.get_executor(), all_clients(), keys};
    const auto onlooker = co_await directly();
    for (std::int64_t number = 0; number < clients; ++number) {
      auto work = one_client(all, number);
      asio::co_spawn(io, std::move(work), asio::detached);
    }
    while (running > 0) co_await last_one_ended.async_wait(asio::as_tuple(asio::use_awaitable));
    EXPECT_EQ(in_use_max, std::size_t{clients});
    EXPECT_EQ(cancelled, clients / 5 * rounds);
    EXPECT_EQ(rows_expected, std::int64_t{clients} * rounds * (3 * rows_each + 1));
    EXPECT_EQ(co_await count(*onlooker), rows_expected);
    co_await expect_all_server_connections_free_and_clean();
    EXPECT_EQ(all.stats().waiting + all.stats().in_use, 0U);
    co_await all.close();
  });
}

}  // namespace
}  // namespace ingestor::pg
