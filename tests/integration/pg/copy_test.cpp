#include "database.hpp"
#include "pg/copy_writer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ingestor::pg {
namespace {

using testing::HasSubstr;

constexpr std::string_view load = "copy t (a, b) from stdin (format binary)";

class copy : public database_test {
 protected:
  asio::awaitable<std::unique_ptr<connection>> with_table() {
    auto session = co_await connected();
    co_await script(*session, "create temp table t (a bigint, b text)");
    co_return session;
  }
};

wire::copy_buffer rows(std::int64_t count, std::string_view text = "some text") {
  wire::copy_buffer buffer;
  for (std::int64_t i = 0; i < count; ++i) {
    buffer.begin_row(2);
    buffer.int8(i);
    buffer.text(text);
  }
  buffer.finish();
  return buffer;
}

TEST_F(copy, rows_arrive_as_they_were_sent) {
  run([this]() -> asio::awaitable<void> {
    const auto session = co_await with_table();
    const auto buffer = rows(100'000);
    const auto count = co_await session->copy_in("load", load, buffer, 30s);
    EXPECT_TRUE(count) << (count ? "" : count.error().text());
    EXPECT_EQ(*count, 100'000U);
    EXPECT_EQ(co_await one_bigint(*session, "select count(*) from t where b = 'some text'"),
              100'000);
    EXPECT_EQ(co_await one_bigint(*session, "select sum(a)::bigint from t"), 4'999'950'000);
  });
}

TEST_F(copy, no_rows_are_fine) {
  run([this]() -> asio::awaitable<void> {
    const auto session = co_await with_table();
    const auto buffer = rows(0);
    const auto count = co_await session->copy_in("load", load, buffer, 5s);
    EXPECT_TRUE(count);
    EXPECT_EQ(*count, 0U);
  });
}

TEST_F(copy, rows_that_a_trigger_drops_show_in_the_count) {
  run([this]() -> asio::awaitable<void> {
    const auto session = co_await with_table();
    co_await script(*session,
                    "create function pg_temp.drop_odd() returns trigger language plpgsql as "
                    "$$ begin if new.a % 2 = 1 then return null; end if; return new; end $$;"
                    "create trigger drop_odd before insert on t for each row "
                    "execute function pg_temp.drop_odd()");
    const auto buffer = rows(100);
    const auto count = co_await session->copy_in("load", load, buffer, 5s);
    EXPECT_TRUE(count);
    EXPECT_EQ(*count, 50U);
    EXPECT_EQ(buffer.rows(), 100U);
  });
}

TEST_F(copy, an_error_in_a_row_leaves_the_connection_usable) {
  run([this]() -> asio::awaitable<void> {
    const auto session = co_await with_table();
    wire::copy_buffer buffer;
    for (int i = 0; i < 200'000; ++i) {
      buffer.begin_row(2);
      buffer.int8(i);
      buffer.text(i == 1'000 ? std::string_view{"\xff", 1} : std::string_view{"fine"});
    }
    buffer.finish();
    const auto count = co_await session->copy_in("load", load, buffer, 30s);
    EXPECT_FALSE(count);
    EXPECT_EQ(count.error().category, error_category::data);
    EXPECT_EQ(count.error().sqlstate, "22021");
    EXPECT_THAT(count.error().where, HasSubstr("line 1001"));
    EXPECT_EQ(count.error().statement, "load");
    EXPECT_TRUE(session->usable());
    EXPECT_EQ(co_await one_bigint(*session, "select count(*) from t"), 0);
    const auto good = rows(10);
    EXPECT_TRUE(co_await session->copy_in("load", load, good, 5s));
  });
}

TEST_F(copy, an_error_inside_a_transaction_fails_it) {
  run([this]() -> asio::awaitable<void> {
    const auto session = co_await with_table();
    co_await script(*session, "begin");
    const auto bad = rows(10, std::string_view{"\0", 1});
    const auto count = co_await session->copy_in("load", load, bad, 5s);
    EXPECT_FALSE(count);
    EXPECT_EQ(session->transaction_status(), 'E');
    co_await script(*session, "rollback");
    EXPECT_EQ(session->transaction_status(), 'I');
  });
}

TEST_F(copy, schema_drift_is_a_statement_error) {
  run([this]() -> asio::awaitable<void> {
    const auto session = co_await with_table();
    const auto buffer = rows(10);
    const auto missing =
        co_await session->copy_in("load", "copy nowhere from stdin (format binary)", buffer, 5s);
    EXPECT_FALSE(missing);
    EXPECT_EQ(missing.error().category, error_category::statement);
    EXPECT_TRUE(session->usable());
    const auto text = co_await session->copy_in("load", "copy t from stdin", buffer, 5s);
    EXPECT_THAT(text.error().text(), HasSubstr("not in binary format"));
    EXPECT_FALSE(session->usable());
    const auto another = co_await with_table();
    const auto narrow =
        co_await another->copy_in("load", "copy t (a) from stdin (format binary)", buffer, 5s);
    EXPECT_EQ(narrow.error().category, error_category::statement);
    EXPECT_THAT(narrow.error().text(), HasSubstr("wants 1 columns and the rows have 2"));
  });
}

TEST_F(copy, a_wrong_width_is_our_own_bug_and_not_a_bad_row) {
  run([this]() -> asio::awaitable<void> {
    const auto session = co_await with_table();
    wire::copy_buffer buffer;
    buffer.begin_row(2);
    buffer.int4(1);
    buffer.text("x");
    buffer.finish();
    const auto count = co_await session->copy_in("load", load, buffer, 5s);
    EXPECT_FALSE(count);
    EXPECT_EQ(count.error().category, error_category::protocol_violation) << count.error().text();
  });
}

TEST_F(copy, aborted_leaves_no_rows_and_a_usable_connection) {
  run([this]() -> asio::awaitable<void> {
    const auto session = co_await with_table();
    auto writer = co_await copy_writer::begin(*session, "load", load, 5s);
    EXPECT_TRUE(writer);
    const auto buffer = rows(1'000);
    const auto bytes = buffer.bytes();
    EXPECT_TRUE(co_await writer->write(bytes, 5s));
    const auto aborted = co_await writer->abort("no more", 5s);
    EXPECT_TRUE(aborted) << (aborted ? "" : aborted.error().text());
    EXPECT_EQ(co_await one_bigint(*session, "select count(*) from t"), 0);
  });
}

TEST_F(copy, in_small_parts) {
  run([this]() -> asio::awaitable<void> {
    const auto session = co_await with_table();
    auto writer = co_await copy_writer::begin(*session, "load", load, 5s);
    const auto buffer = rows(1'000);
    auto rest = buffer.bytes();
    while (!rest.empty()) {
      const auto part = rest.first(std::min<std::size_t>(rest.size(), 97));
      const auto written = co_await writer->write(part, 5s);
      EXPECT_TRUE(written) << (written ? "" : written.error().text());
      rest = rest.subspan(part.size());
    }
    const auto count = co_await writer->finish(5s);
    EXPECT_TRUE(count) << (count ? "" : count.error().text());
    EXPECT_EQ(*count, 1'000U);
  });
}

TEST_F(copy, over_tls_with_notices) {
  if (environment("INGESTOR_TEST_TLS_ROOT_CERT").empty()) GTEST_SKIP() << "no TLS to test";
  options.sslmode = ssl_mode::require;
  run([this]() -> asio::awaitable<void> {
    const auto session = co_await with_table();
    co_await script(*session,
                    "create function pg_temp.talk() returns trigger language plpgsql as "
                    "$$ begin raise notice '%', repeat('n', 1000); return new; end $$;"
                    "create trigger talk before insert on t for each row "
                    "execute function pg_temp.talk()");
    const auto buffer = rows(20'000, std::string(500, 'x'));
    for (int i = 0; i < 2; ++i) {
      const auto count = co_await session->copy_in("load", load, buffer, 60s);
      EXPECT_TRUE(count) << (count ? "" : count.error().text());
      if (count) {
        EXPECT_EQ(*count, 20'000U);
      }
    }
    EXPECT_EQ(co_await one_bigint(*session, "select count(*) from t"), 40'000);
  });
}

}  // namespace
}  // namespace ingestor::pg
