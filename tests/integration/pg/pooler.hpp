// A real PgBouncer before the real server: it pools by transaction, over two connections to the
// server.
#pragma once

#include "database.hpp"
#include "pg/transaction.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace ingestor::pg {

/// How many connections the pooler has to the server; tools/dev/pgbouncer says so.
inline constexpr int server_connections = 2;

/// Each test needs INGESTOR_TEST_POOLER_URL, the database of INGESTOR_TEST_DATABASE_URL through a
/// pooler. Connections go through the pooler; directly() goes around it. A table of one's own,
/// `pooled`, is empty when a test begins. It refuses rows below 0 (23514), but not before it has
/// the lock 707, so that a test can hold up the refusal.
class pooler_test : public database_test {
 protected:
  void SetUp() override {
    database_test::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    const auto url = environment("INGESTOR_TEST_POOLER_URL");
    if (url.empty()) GTEST_SKIP() << "INGESTOR_TEST_POOLER_URL is not set: no pooler to test with";
    auto parsed = parse_connection_uri(url);
    ASSERT_TRUE(parsed) << parsed.error().front();
    around_pooler = std::move(options);
    options = std::move(*parsed);
    run([this]() -> asio::awaitable<void> {
      const auto owner = co_await directly();
      co_await script(*owner, table);
    });
    io.restart();
  }

  asio::awaitable<std::unique_ptr<connection>> directly() {
    auto with = around_pooler;
    auto made = co_await connect(std::move(with), 10s, keys);
    EXPECT_TRUE(made) << (made ? "" : made.error().text());
    co_return made ? std::move(*made) : nullptr;
  }

  /// Rows 0 … count-1 of a batch; the last one is refused by the table where `bad_end` says so.
  static wire::copy_buffer rows(std::int64_t batch, std::int64_t count, bool bad_end = false) {
    wire::copy_buffer buffer;
    for (std::int64_t i = 0; i < count; ++i) {
      buffer.begin_row(2);
      buffer.int8(batch);
      buffer.int8(bad_end && i == count - 1 ? -1 : i);
    }
    buffer.finish();
    return buffer;
  }

  asio::awaitable<std::int64_t> count(connection& on) {
    co_return co_await one_bigint(on, "select count(*) from pooled");
  }

  /// As many other clients as there are server connections have a transaction at the same time, so
  /// nobody keeps one; and they find nothing there that a session before them has left.
  asio::awaitable<void> expect_all_server_connections_free_and_clean() {
    std::vector<std::unique_ptr<connection>> others;
    std::vector<transaction> open;
    for (int i = 0; i < server_connections; ++i) {
      others.push_back(co_await connected());
      auto begun = co_await transaction::begin(*others.back(), 10s);
      EXPECT_TRUE(begun) << (begun ? "" : begun.error().text());
      if (!begun) co_return;
      open.push_back(std::move(*begun));
    }
    for (auto& each : open) {
      const auto left = co_await one_bigint(*each, left_in_session);
      EXPECT_EQ(left, 0) << "a statement, cursor, lock or setting of somebody else";
      const auto committed = co_await each.commit(10s);
      EXPECT_TRUE(committed) << (committed ? "" : committed.error().text());
    }
  }

  static constexpr std::string_view table = R"sql(
drop table if exists pooled;
create table pooled (batch bigint, n bigint);
create or replace function refuse_below_0() returns trigger language plpgsql as $$ begin
  if new.n < 0 then
    perform pg_advisory_xact_lock_shared(707);
    raise check_violation;
  end if;
  return new;
end $$;
create trigger refuse_below_0 before insert on pooled for each row execute function refuse_below_0();
)sql";

  static constexpr std::string_view left_in_session =
      "select (select count(*) from pg_prepared_statements)"
      " + (select count(*) from pg_cursors where name <> '')"
      " + (select count(*) from pg_locks where locktype = 'advisory' and pid = pg_backend_pid())"
      " + (coalesce(current_setting('pooled.mark', true), '') <> '')::int";

  connection_options around_pooler;
};

}  // namespace ingestor::pg
