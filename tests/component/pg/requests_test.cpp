// What the client sends, and what it does not.
#include "pg/connection.hpp"
#include "scripted_peer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace ingestor::pg {
namespace {

using namespace std::string_literals;

constexpr std::string_view copy_sql = "COPY t FROM STDIN (FORMAT binary)";

wire::copy_buffer one_row() {
  wire::copy_buffer rows;
  rows.begin_row(1);
  rows.int8(1);
  rows.finish();
  return rows;
}

std::string copy_begins() {
  return bytes_of(wire::copy_in_response{wire::format::binary, {wire::format::binary}});
}

/// The types of all messages up to one of these.
asio::awaitable<std::string> types_until(scripted_session& from, char last) {
  std::string types;
  while (types.empty() || (types.back() != last && types.back() != '\0')) {
    const auto message = co_await from.receive_message();
    types += message.type;
  }
  co_return types;
}

TEST(requests, of_a_session_are_the_callers_alone) {
  // Under transaction pooling a SET, a LISTEN or a lock of the client's own would be another's.
  stage_play play;
  const auto client = [](stage_play& on) -> asio::awaitable<void> {
    const auto session = co_await connected(on);
    EXPECT_TRUE(co_await session->query(select_n, 5s));
    co_await session->close();
  };
  std::string types;
  std::string sql;
  play.run(client, [&](scripted_peer& peer) -> asio::awaitable<void> {
    co_await peer.let_in();
    const auto parse = co_await peer.receive_message();
    sql = parse.body;
    types = parse.type + co_await types_until(peer, 'S');
    co_await peer.send(one_bigint(1));
    types += co_await types_until(peer, 'X');
  });
  EXPECT_EQ(types, "PBDESX");
  EXPECT_EQ(sql, "\0select n from t\0\0\0"s);
}

TEST(requests, of_a_copy_hold_no_sync) {
  stage_play play;
  const auto client = [](stage_play& on) -> asio::awaitable<void> {
    const auto session = co_await connected(on);
    const auto rows = one_row();
    EXPECT_TRUE(co_await session->copy_in("load", copy_sql, rows, 5s));
    co_await session->close();
  };
  std::string types;
  play.run(client, [&types](scripted_peer& peer) -> asio::awaitable<void> {
    co_await peer.let_in();
    types = co_await types_until(peer, 'Q');
    co_await peer.send(copy_begins());
    types += co_await types_until(peer, 'c');
    auto end = bytes_of(wire::command_complete{"COPY 1"}) + ready();
    co_await peer.send(std::move(end));
    types += co_await types_until(peer, 'X');
  });
  EXPECT_EQ(types, "QdcX");
}

TEST(requests, of_a_copy_wait_until_the_server_asks_for_data) {
  // Refused instead of asked for, nothing follows the statement but what is sent next.
  stage_play play;
  const auto client = [](stage_play& on) -> asio::awaitable<void> {
    const auto session = co_await connected(on);
    const auto rows = one_row();
    const auto count = co_await session->copy_in("load", copy_sql, rows, 5s);
    EXPECT_FALSE(count);
    EXPECT_EQ(count.error().sqlstate, "42P01");
    EXPECT_TRUE(co_await session->query(select_n, 5s));
  };
  std::string types;
  play.run(client, [&types](scripted_peer& peer) -> asio::awaitable<void> {
    co_await peer.let_in();
    types = co_await types_until(peer, 'Q');
    auto refusal = server_error("42P01") + ready();
    co_await peer.send(std::move(refusal));
    types += co_await types_until(peer, 'S');
    co_await peer.send(one_bigint(1));
    co_await peer.until_gone();
  });
  EXPECT_EQ(types, "QPBDES");
}

TEST(requests, a_value_is_no_part_of_a_statement) {
  const std::string value = "'; drop table t; --";
  const statement insert{"insert", "insert into t values ($1)", {wire::text(value)}, {}};
  stage_play play;
  const auto client = [&insert](stage_play& on) -> asio::awaitable<void> {
    const auto session = co_await connected(on);
    co_await session->execute(insert, 5s);
  };
  std::string parsed;
  std::string bound;
  play.run(client, [&](scripted_peer& peer) -> asio::awaitable<void> {
    co_await peer.let_in();
    const auto parse = co_await peer.receive_message();
    parsed = parse.body;
    const auto bind = co_await peer.receive_message();
    bound = bind.body;
    peer.close();
  });
  EXPECT_EQ(parsed, "\0insert into t values ($1)\0\0\x01\0\0\0\x19"s);
  EXPECT_EQ(bound, "\0\0\0\x01\0\x01\0\x01\0\0\0\x13"s + value + "\0\0"s);
}

asio::awaitable<std::vector<error>> refusals_of(connection& session) {
  const std::string sql = "select 1\0; drop table t"s;
  const std::vector<wire::parameter> too_many(65'536, wire::int2(1));
  const statement with_nul{"nul", sql, {}, {}};
  const statement with_parameters{"parameters", "select 1", too_many, {}};
  const auto rows = one_row();
  const auto nul = co_await session.query(with_nul, 5s);
  const auto parameters = co_await session.query(with_parameters, 5s);
  const auto script = co_await session.run_script("script", sql, 5s);
  const auto copy = co_await session.copy_in("copy", sql, rows, 5s);
  EXPECT_FALSE(nul || parameters || script || copy);
  std::vector<error> all{nul.error(), parameters.error(), script.error(), copy.error()};
  co_return all;
}

TEST(requests, that_cannot_be_sent_are_refused_before_a_byte_of_them_is) {
  stage_play play;
  const auto client = [](stage_play& on) -> asio::awaitable<void> {
    const auto session = co_await connected(on);
    const auto refusals = co_await refusals_of(*session);
    for (const auto& each : refusals) {
      EXPECT_EQ(each.category, error_category::statement) << each.text();
      EXPECT_FALSE(each.statement.empty()) << each.text();
    }
    EXPECT_TRUE(session->usable());
    co_await session->close();
  };
  std::string types;
  play.run(client, [&types](scripted_peer& peer) -> asio::awaitable<void> {
    co_await peer.let_in();
    types = co_await types_until(peer, 'X');
  });
  EXPECT_EQ(types, "X");
}

}  // namespace
}  // namespace ingestor::pg
