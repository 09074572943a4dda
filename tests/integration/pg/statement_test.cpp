#include "database.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace ingestor::pg {
namespace {

using testing::HasSubstr;
using wire::oid;

class statements : public database_test {};

TEST_F(statements, every_type_goes_and_comes_back) {
  run([this]() -> asio::awaitable<void> {
    const auto session = co_await connected();
    const std::vector<std::string> texts{"a", "", "grün \U0001F600"};
    const std::vector<std::int64_t> numbers{1, std::numeric_limits<std::int64_t>::min()};
    const std::vector<std::int32_t> small{-7};
    const timestamp now{std::chrono::microseconds{1'700'000'000'123'456}};
    const std::vector<timestamp> times{now, timestamp::max()};
    const wire::uuid_bytes id{std::byte{0x80}, std::byte{1}};
    const std::vector<std::byte> raw{std::byte{0}, std::byte{255}};
    statement all{
        "all types",
        "select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14",
        {wire::boolean(true), wire::int2(-2), wire::int4(3), wire::int8(-4), wire::float8(0.1),
         wire::text("grün"), wire::bytea(raw), wire::jsonb(R"({"b":1,"a":[1,2]})"), wire::uuid(id),
         wire::timestamptz(now), wire::text_array(texts), wire::int8_array(numbers),
         wire::int4_array(small), wire::timestamptz_array(times)},
        {}};
    for (const auto& each : all.parameters) all.result_types.push_back(each.type);
    const auto rows = co_await session->query(all, 5s);
    EXPECT_TRUE(rows) << (rows ? "" : rows.error().text());
    if (!rows) co_return;
    EXPECT_EQ(rows->size(), 1U);
    EXPECT_EQ(rows->get<bool>(0, 0), true);
    EXPECT_EQ(rows->get<std::int16_t>(0, 1), -2);
    EXPECT_EQ(rows->get<std::int32_t>(0, 2), 3);
    EXPECT_EQ(rows->get<std::int64_t>(0, 3), -4);
    EXPECT_EQ(rows->get<double>(0, 4), 0.1);
    EXPECT_EQ(rows->get<std::string>(0, 5), "grün");
    EXPECT_EQ(rows->get<std::vector<std::byte>>(0, 6), raw);
    EXPECT_EQ(rows->get<std::string>(0, 7), R"({"a": [1, 2], "b": 1})");
    EXPECT_EQ(rows->get<wire::uuid_bytes>(0, 8), id);
    EXPECT_EQ(rows->get<timestamp>(0, 9), now);
    EXPECT_EQ(rows->get<std::vector<std::string>>(0, 10), texts);
    EXPECT_EQ(rows->get<std::vector<std::int64_t>>(0, 11), numbers);
    EXPECT_EQ(rows->get<std::vector<std::int32_t>>(0, 12), small);
    EXPECT_EQ(rows->get<std::vector<timestamp>>(0, 13), times);
  });
}

TEST_F(statements, the_server_reads_our_values_as_we_mean_them) {
  // A round trip alone would not notice an encoder and a decoder that are wrong together.
  run([this]() -> asio::awaitable<void> {
    const auto session = co_await connected();
    const timestamp at{std::chrono::microseconds{1'700'000'000'123'456}};
    const std::vector<std::string> texts{"a", "b,c"};
    const statement ask{"as text",
                        "select $1::text, $2::text, $3::text, $4::text, $5::text, "
                        "to_char($6::timestamptz at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.US'), "
                        "$7::text, $8::text",
                        {wire::boolean(true), wire::int8(-4), wire::float8(0.5),
                         wire::timestamptz(timestamp::max()), wire::timestamptz(timestamp::min()),
                         wire::timestamptz(at), wire::text_array(texts),
                         wire::int8_array(std::span<const std::int64_t>{})},
                        std::vector<oid>(8, oid::text)};
    const auto rows = co_await session->query(ask, 5s);
    EXPECT_TRUE(rows) << (rows ? "" : rows.error().text());
    const char* const expected[] = {"true",        "-4",        "0.5",
                                    "infinity",    "-infinity", "2023-11-14 22:13:20.123456",
                                    "{a,\"b,c\"}", "{}"};
    for (std::size_t i = 0; i < 8; ++i) EXPECT_EQ(rows->get<std::string>(0, i), expected[i]);
  });
}

TEST_F(statements, null_of_every_type) {
  run([this]() -> asio::awaitable<void> {
    const auto session = co_await connected();
    const std::vector<oid> types{oid::boolean, oid::int2,        oid::int4,      oid::int8,
                                 oid::float8,  oid::text,        oid::bytea,     oid::jsonb,
                                 oid::uuid,    oid::timestamptz, oid::text_array};
    statement ask{"nulls", "select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11", {}, types};
    for (const auto type : types) ask.parameters.push_back(wire::null(type));
    const auto rows = co_await session->query(ask, 5s);
    EXPECT_TRUE(rows) << (rows ? "" : rows.error().text());
    for (std::size_t i = 0; i < types.size(); ++i) EXPECT_TRUE(rows->is_null(0, i)) << i;
  });
}

TEST_F(statements, a_wrong_result_type_is_told_and_the_connection_stays) {
  run([this]() -> asio::awaitable<void> {
    const auto session = co_await connected();
    const statement ask{"wrong", "select 1 as n", {}, {oid::int8}};
    const auto rows = co_await session->query(ask, 5s);
    EXPECT_FALSE(rows);
    EXPECT_EQ(rows.error().category, error_category::statement);
    EXPECT_THAT(rows.error().text(), HasSubstr("\"n\" is of type integer where bigint"));
    EXPECT_EQ(co_await one_bigint(*session, "select 2::bigint"), 2);
  });
}

TEST_F(statements, an_error_in_a_pipeline_is_named_and_the_rest_does_not_run) {
  run([this]() -> asio::awaitable<void> {
    const auto session = co_await connected();
    co_await script(*session, "create temp table t (a bigint)");
    const std::vector<statement> pipeline{
        {"first", "insert into t values ($1)", {wire::int8(1)}, {}},
        {"broken", "insert into t values ($1 / 0)", {wire::int8(1)}, {}},
        {"third", "insert into t values ($1)", {wire::int8(3)}, {}}};
    const auto results = co_await session->pipeline(pipeline, 5s);
    EXPECT_FALSE(results);
    EXPECT_EQ(results.error().statement, "broken");
    EXPECT_EQ(results.error().sqlstate, "22012");
    EXPECT_EQ(results.error().category, error_category::data);
    EXPECT_TRUE(session->usable());
    EXPECT_EQ(co_await one_bigint(*session, "select count(*) from t"), 0)
        << "one Sync is one implicit transaction";
  });
}

TEST_F(statements, a_transaction_in_one_pipeline) {
  run([this]() -> asio::awaitable<void> {
    const auto session = co_await connected();
    co_await script(*session, "create temp table t (a bigint)");
    const std::vector<statement> pipeline{
        {"begin", "begin", {}, {}},
        {"insert", "insert into t select generate_series(1, $1)", {wire::int4(5)}, {}},
        {"count", "select count(*) from t", {}, {oid::int8}},
        {"commit", "commit", {}, {}}};
    const auto results = co_await session->pipeline(pipeline, 5s);
    EXPECT_TRUE(results) << (results ? "" : results.error().text());
    EXPECT_EQ((*results)[1].rows_affected(), 5U);
    EXPECT_EQ((*results)[2].get<std::int64_t>(0, 0), 5);
    EXPECT_EQ((*results)[3].command_tag(), "COMMIT");
    EXPECT_EQ(session->transaction_status(), 'I');
  });
}

TEST_F(statements, transaction_status_follows_the_server) {
  run([this]() -> asio::awaitable<void> {
    const auto session = co_await connected();
    co_await script(*session, "begin");
    EXPECT_EQ(session->transaction_status(), 'T');
    const statement broken{"broken", "select 1/0", {}, {}};
    EXPECT_FALSE(co_await session->query(broken, 5s));
    EXPECT_EQ(session->transaction_status(), 'E');
    co_await script(*session, "rollback");
    EXPECT_EQ(session->transaction_status(), 'I');
  });
}

TEST_F(statements, every_field_of_an_error_arrives) {
  run([this]() -> asio::awaitable<void> {
    const auto session = co_await connected();
    const statement raised{"everything",
                           "do $$ begin raise exception using errcode = '23514', message = 'm', "
                           "detail = 'd', hint = 'h', schema = 's', table = 't', column = 'c', "
                           "constraint = 'k'; end $$",
                           {},
                           {}};
    const auto done = co_await session->query(raised, 5s);
    EXPECT_FALSE(done);
    const auto& failure = done.error();
    EXPECT_EQ(failure.severity, "ERROR");
    EXPECT_EQ(failure.sqlstate, "23514");
    EXPECT_EQ(failure.category, error_category::data);
    EXPECT_EQ(failure.message + failure.detail + failure.hint, "mdh");
    EXPECT_EQ(failure.schema + failure.table + failure.column + failure.constraint, "stck");
    EXPECT_THAT(failure.where, HasSubstr("at RAISE"));
    EXPECT_EQ(failure.position, 0);
    EXPECT_EQ(failure.statement, "everything");
    EXPECT_EQ(failure.server, session->server());
    EXPECT_THAT(failure.text(), HasSubstr("in everything"));

    const statement misspelt{"typo", "select * form t", {}, {}};
    const auto typo = co_await session->query(misspelt, 5s);
    EXPECT_EQ(typo.error().category, error_category::statement);
    EXPECT_EQ(typo.error().position, 10);
    EXPECT_EQ(typo.error().statement, "typo");
  });
}

TEST_F(statements, a_script_of_several_statements) {
  run([this]() -> asio::awaitable<void> {
    const auto session = co_await connected();
    const auto done = co_await session->run_script(
        "script", "create temp table t (a int); insert into t values (1), (2); select * from t",
        5s);
    EXPECT_TRUE(done) << (done ? "" : done.error().text());
    EXPECT_EQ(done->size(), 3U);
    EXPECT_EQ((*done)[1].rows_affected(), 2U);
    EXPECT_EQ((*done)[2].command_tag(), "SELECT 2");
    const auto broken = co_await session->run_script("broken", "select 1; select nothing", 5s);
    EXPECT_FALSE(broken);
    EXPECT_EQ(broken.error().statement, "broken");
    EXPECT_TRUE(session->usable());
    const auto empty = co_await session->run_script("empty", "", 5s);
    EXPECT_TRUE(empty);
  });
}

TEST_F(statements, an_empty_statement_and_an_empty_pipeline) {
  run([this]() -> asio::awaitable<void> {
    const auto session = co_await connected();
    const statement empty{"empty", "", {}, {}};
    const auto rows = co_await session->query(empty, 5s);
    EXPECT_TRUE(rows) << (rows ? "" : rows.error().text());
    const std::span<const statement> none;
    const auto results = co_await session->pipeline(none, 5s);
    EXPECT_TRUE(results);
    EXPECT_TRUE(results->empty());
  });
}

TEST_F(statements, many_rows) {
  run([this]() -> asio::awaitable<void> {
    const auto session = co_await connected();
    const statement ask{"many",
                        "select i::bigint, repeat('x', 100) from generate_series(1, 50000) i",
                        {},
                        {oid::int8, oid::text}};
    const auto rows = co_await session->query(ask, 30s);
    EXPECT_TRUE(rows) << (rows ? "" : rows.error().text());
    EXPECT_EQ(rows->size(), 50'000U);
    EXPECT_EQ(rows->get<std::int64_t>(49'999, 0), 50'000);
    EXPECT_EQ(rows->rows_affected(), 50'000U);
  });
}

TEST_F(statements, a_result_beyond_its_limit_is_refused) {
  options.result_bytes_max = 1'000'000;
  run([this]() -> asio::awaitable<void> {
    const auto session = co_await connected();
    const statement ask{
        "huge", "select repeat('x', 1000) from generate_series(1, 100000)", {}, {oid::text}};
    const auto rows = co_await session->query(ask, 30s);
    EXPECT_FALSE(rows);
    EXPECT_THAT(rows.error().text(), HasSubstr("larger than this client takes"));
    EXPECT_FALSE(session->usable());
  });
}

TEST_F(statements, the_servers_time_out_leaves_the_connection_ours_closes_it) {
  run([this]() -> asio::awaitable<void> {
    const auto session = co_await connected();
    const std::vector<statement> limited{{"limit", "set local statement_timeout = '50ms'", {}, {}},
                                         {"sleep", "select pg_sleep(10)", {}, {}}};
    const auto by_server = co_await session->pipeline(limited, 5s);
    EXPECT_FALSE(by_server);
    EXPECT_EQ(by_server.error().sqlstate, "57014");
    EXPECT_EQ(by_server.error().statement, "sleep");
    EXPECT_TRUE(session->usable());

    const statement sleep{"sleep", "select pg_sleep(2)", {}, {}};
    const auto by_us = co_await session->query(sleep, 100ms);
    EXPECT_FALSE(by_us);
    EXPECT_EQ(by_us.error().category, error_category::timeout);
    EXPECT_FALSE(session->usable());
  });
}

asio::awaitable<void> sleep_long(connection& session, std::optional<error>& failure) {
  const statement sleep{"sleep", "select pg_sleep(20)", {}, {}};
  const auto done = co_await session.query(sleep, 25s);
  if (!done) failure = done.error();
}

TEST_F(statements, cancel_ends_what_runs) {
  run([this]() -> asio::awaitable<void> {
    const auto session = co_await connected();
    std::optional<error> failure;
    auto work = sleep_long(*session, failure);
    const auto on_end = [](const std::exception_ptr&) {};
    asio::co_spawn(io, std::move(work), on_end);
    const auto other = co_await connected();
    const auto running = "select count(*) from pg_stat_activity where state = 'active' and pid = " +
                         std::to_string(session->process_id());
    while (co_await one_bigint(*other, running) == 0) {
    }
    const auto done = co_await session->cancel(5s);
    EXPECT_TRUE(done) << (done ? "" : done.error().text());
    while (!failure) co_await one_bigint(*other, "select 1::bigint");
    EXPECT_EQ(failure->sqlstate, "57014");
    EXPECT_TRUE(session->usable());
  });
}

TEST_F(statements, a_session_that_is_ended_from_outside) {
  run([this]() -> asio::awaitable<void> {
    const auto victim = co_await connected();
    const auto other = co_await connected();
    EXPECT_TRUE(victim->quiet());
    const statement kill{"kill",
                         "select pg_terminate_backend($1, 5000)",
                         {wire::int4(victim->process_id())},
                         {oid::boolean}};
    const auto killed = co_await other->query(kill, 10s);
    EXPECT_TRUE(killed) << (killed ? "" : killed.error().text());
    EXPECT_FALSE(victim->quiet());
    const statement ask{"ask", "select 1", {}, {}};
    const auto rows = co_await victim->query(ask, 5s);
    EXPECT_FALSE(rows);
    EXPECT_EQ(rows.error().category, error_category::shutdown) << rows.error().text();
    EXPECT_FALSE(victim->usable());
  });
}

}  // namespace
}  // namespace ingestor::pg
