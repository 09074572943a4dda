#include "pg/copy_writer.hpp"
#include "scripted_peer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ingestor::pg {
namespace {

constexpr std::string_view sql = "COPY t FROM STDIN (FORMAT binary)";

std::string copy_begins() {
  return bytes_of(wire::copy_in_response{wire::format::binary, {wire::format::binary}});
}

std::string copied(const char* tag) {
  return bytes_of(wire::command_complete{tag}) + ready();
}

wire::copy_buffer rows_of_bytes(std::size_t bytes) {
  wire::copy_buffer rows;
  const std::string text(1'000, 'x');
  while (rows.size() < bytes) {
    rows.begin_row(1);
    rows.text(text);
  }
  rows.finish();
  return rows;
}

asio::awaitable<void> expect_usable(connection& session) {
  EXPECT_TRUE(session.usable());
  const auto rows = co_await session.query(select_n, 5s);
  EXPECT_TRUE(rows) << (rows ? "" : rows.error().text());
}

TEST(copy_in, a_flood_of_notices_does_not_stop_it) {
  stage_play play;
  const auto client = [](stage_play& on) -> asio::awaitable<void> {
    const auto session = co_await connected(on);
    const auto rows = rows_of_bytes(16U * 1024 * 1024);
    const auto count = co_await session->copy_in("load", sql, rows, 20s);
    EXPECT_TRUE(count) << (count ? "" : count.error().text());
    if (count) {
      EXPECT_EQ(*count, 5U);
    }
  };
  std::size_t received = 0;
  play.run(client, [&received](scripted_peer& peer) -> asio::awaitable<void> {
    co_await peer.let_in();
    co_await peer.receive_until('Q');
    co_await peer.send(copy_begins());
    // More than all buffers between the two hold, before anything is read.
    const std::string note(1'000, 'n');
    const auto notice = bytes_of(wire::notice_response{{{{'M', note}}}});
    std::string many;
    while (many.size() < 1024 * 1024) many += notice;
    for (int i = 0; i < 32; ++i) co_await peer.send(many);
    received = co_await peer.receive_until('c');
    co_await peer.send(copied("COPY 5"));
    co_await peer.until_gone();
  });
  EXPECT_EQ(received, rows_of_bytes(16U * 1024 * 1024).size());
}

TEST(copy_in, an_error_in_the_middle_stops_it_and_leaves_the_connection_usable) {
  stage_play play;
  const auto client = [](stage_play& on) -> asio::awaitable<void> {
    const auto session = co_await connected(on);
    const auto rows = rows_of_bytes(64U * 1024 * 1024);
    const auto count = co_await session->copy_in("load", sql, rows, 20s);
    EXPECT_FALSE(count);
    EXPECT_EQ(count.error().category, error_category::data);
    EXPECT_EQ(count.error().sqlstate, "22021");
    EXPECT_EQ(count.error().statement, "load");
    co_await expect_usable(*session);
  };
  std::size_t received = 0;
  play.run(client, [&received](scripted_peer& peer) -> asio::awaitable<void> {
    co_await peer.let_in();
    co_await peer.receive_until('Q');
    co_await peer.send(copy_begins());
    for (int i = 0; i < 3; ++i) received += (co_await peer.receive_message()).body.size();
    co_await peer.send(server_error("22021") + ready());
    received += co_await peer.receive_until('S');
    co_await peer.send(ready());
    co_await peer.receive_until('S');
    co_await peer.send(one_bigint(1));
    co_await peer.until_gone();
  });
  EXPECT_LT(received, 48U * 1024 * 1024) << "it stops writing soon after the error";
}

TEST(copy_in, a_shutdown_while_the_client_writes_is_told_as_such) {
  stage_play play;
  const auto client = [](stage_play& on) -> asio::awaitable<void> {
    const auto session = co_await connected(on);
    const auto rows = rows_of_bytes(64U * 1024 * 1024);
    const auto count = co_await session->copy_in("load", sql, rows, 20s);
    EXPECT_FALSE(count);
    EXPECT_EQ(count.error().category, error_category::shutdown) << count.error().text();
    EXPECT_FALSE(session->usable());
  };
  play.run(client, [](scripted_peer& peer) -> asio::awaitable<void> {
    co_await peer.let_in();
    co_await peer.receive_until('Q');
    co_await peer.send(copy_begins());
    co_await peer.receive(100'000);
    co_await peer.send(server_error("57P01", "FATAL"));
    co_await pause(50ms);
    peer.close();
  });
}

TEST(copy_in, an_error_explains_why_the_rest_could_not_be_sent) {
  stage_play play;
  const auto client = [](stage_play& on) -> asio::awaitable<void> {
    const auto session = co_await connected(on);
    const auto rows = rows_of_bytes(64U * 1024 * 1024);
    const auto count = co_await session->copy_in("load", sql, rows, 10s);
    EXPECT_FALSE(count);
    EXPECT_EQ(count.error().sqlstate, "22021") << count.error().text();
    EXPECT_FALSE(session->usable()) << "half a message was written";
  };
  play.run(client, [](scripted_peer& peer) -> asio::awaitable<void> {
    co_await peer.let_in();
    co_await peer.receive_until('Q');
    co_await peer.send(copy_begins());
    co_await peer.receive(100'000);
    co_await pause(50ms);  // until all buffers between the two are full
    co_await peer.send(server_error("22021") + ready());
    co_await pause(50ms);
    peer.close();
  });
}

TEST(copy_in, a_server_that_stops_reading_meets_the_deadline) {
  stage_play play;
  const auto client = [](stage_play& on) -> asio::awaitable<void> {
    const auto session = co_await connected(on);
    const auto rows = rows_of_bytes(64U * 1024 * 1024);
    const auto count = co_await session->copy_in("load", sql, rows, 200ms);
    EXPECT_FALSE(count);
    EXPECT_EQ(count.error().category, error_category::timeout);
    EXPECT_FALSE(session->usable());
  };
  play.run(client, [](scripted_peer& peer) -> asio::awaitable<void> {
    co_await peer.let_in();
    co_await peer.receive_until('Q');
    co_await peer.send(copy_begins());
    co_await pause(500ms);
  });
}

TEST(copy_in, a_statement_that_is_no_copy_is_told_as_such) {
  for (const auto& reply : {copied("SELECT 1"), bytes_of(wire::empty_query_response{}) + ready(),
                            bytes_of(wire::copy_out_response{})}) {
    stage_play play;
    const auto client = [](stage_play& on) -> asio::awaitable<void> {
      const auto session = co_await connected(on);
      const auto rows = rows_of_bytes(1'000);
      const auto count = co_await session->copy_in("load", "select 1", rows, 5s);
      EXPECT_FALSE(count);
      EXPECT_EQ(count.error().category, error_category::statement);
      EXPECT_THAT(count.error().text(), testing::HasSubstr("not a COPY FROM STDIN"));
      EXPECT_FALSE(session->usable());
    };
    play.run(client, [reply](scripted_peer& peer) -> asio::awaitable<void> {
      co_await peer.let_in();
      co_await peer.receive_until('Q');
      co_await peer.send(reply);
      co_await peer.until_gone();
    });
  }
}

TEST(copy_writer, streams_and_waits_between_parts) {
  stage_play play;
  const auto client = [](stage_play& on) -> asio::awaitable<void> {
    const auto session = co_await connected(on);
    auto writer = co_await copy_writer::begin(*session, "load", sql, 5s);
    EXPECT_TRUE(writer);
    EXPECT_FALSE(session->usable()) << "the connection is the writer's";
    for (int i = 0; i < 10; ++i) {
      const std::string part(100'000, 'x');
      const auto bytes = as_bytes(part);
      const auto written = co_await writer->write(bytes, 5s);
      EXPECT_TRUE(written);
      co_await pause(1ms);
    }
    const auto count = co_await writer->finish(5s);
    EXPECT_TRUE(count);
    EXPECT_EQ(*count, 9U);
    co_await expect_usable(*session);
  };
  std::size_t received = 0;
  play.run(client, [&received](scripted_peer& peer) -> asio::awaitable<void> {
    co_await peer.let_in();
    co_await peer.receive_until('Q');
    co_await peer.send(copy_begins());
    received = co_await peer.receive_until('c');
    co_await peer.send(copied("COPY 9"));
    co_await peer.receive_until('S');
    co_await peer.send(one_bigint(1));
    co_await peer.until_gone();
  });
  EXPECT_EQ(received, 1'000'000U);
}

TEST(copy_writer, abort_sends_copy_fail_and_keeps_the_connection) {
  stage_play play;
  const auto client = [](stage_play& on) -> asio::awaitable<void> {
    const auto session = co_await connected(on);
    auto writer = co_await copy_writer::begin(*session, "load", sql, 5s);
    EXPECT_TRUE(writer);
    const auto aborted = co_await writer->abort("changed my mind", 5s);
    EXPECT_TRUE(aborted) << (aborted ? "" : aborted.error().text());
    co_await expect_usable(*session);
  };
  std::string reason;
  play.run(client, [&reason](scripted_peer& peer) -> asio::awaitable<void> {
    co_await peer.let_in();
    co_await peer.receive_until('Q');
    co_await peer.send(copy_begins());
    const auto fail = co_await peer.receive_message();
    EXPECT_EQ(fail.type, 'f');
    reason = fail.body;
    co_await peer.send(server_error("57014") + ready());
    co_await peer.receive_until('S');
    co_await peer.send(one_bigint(1));
    co_await peer.until_gone();
  });
  EXPECT_STREQ(reason.c_str(), "changed my mind");
}

TEST(copy_writer, dropped_before_its_end_it_closes_the_connection) {
  stage_play play;
  const auto client = [](stage_play& on) -> asio::awaitable<void> {
    const auto session = co_await connected(on);
    {
      auto writer = co_await copy_writer::begin(*session, "load", sql, 5s);
      EXPECT_TRUE(writer);
      const std::string part(1'000, 'x');
      const auto bytes = as_bytes(part);
      co_await writer->write(bytes, 5s);
    }
    EXPECT_FALSE(session->usable());
  };
  bool done_seen = false;
  play.run(client, [&done_seen](scripted_peer& peer) -> asio::awaitable<void> {
    co_await peer.let_in();
    co_await peer.receive_until('Q');
    co_await peer.send(copy_begins());
    for (;;) {
      const auto message = co_await peer.receive_message();
      if (message.type == 'c') done_seen = true;
      if (message.type == 0) co_return;
    }
  });
  EXPECT_FALSE(done_seen) << "no CopyDone: the server rolls back";
}

TEST(copy_writer, an_error_between_parts_comes_out_of_the_next) {
  stage_play play;
  const auto client = [](stage_play& on) -> asio::awaitable<void> {
    const auto session = co_await connected(on);
    auto writer = co_await copy_writer::begin(*session, "load", sql, 5s);
    EXPECT_TRUE(writer);
    co_await pause(50ms);
    const std::string part(1'000'000, 'x');
    const auto bytes = as_bytes(part);
    auto written = co_await writer->write(bytes, 5s);
    // The error may still be on its way while the first part goes out.
    if (written) written = co_await writer->write(bytes, 5s);
    EXPECT_FALSE(written);
    EXPECT_EQ(written.error().sqlstate, "23505");
    co_await expect_usable(*session);
  };
  play.run(client, [](scripted_peer& peer) -> asio::awaitable<void> {
    co_await peer.let_in();
    co_await peer.receive_until('Q');
    co_await peer.send(copy_begins() + server_error("23505") + ready());
    co_await peer.receive_until('S');
    co_await peer.send(ready());
    co_await peer.receive_until('S');
    co_await peer.send(one_bigint(1));
    co_await peer.until_gone();
  });
}

}  // namespace
}  // namespace ingestor::pg
