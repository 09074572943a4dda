#include "pg/connection.hpp"

#include "scripted_peer.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ingestor::pg {
namespace {

using testing::HasSubstr;
using namespace std::string_literals;

/// A whole conversation of the server: logging in, and one statement.
const std::string conversation = welcome() + one_bigint(42);

asio::awaitable<void> ask_for_42(stage_play& play) {
  const auto session = co_await connected(play);
  if (!session) co_return;
  const auto rows = co_await session->query(select_n, 5s);
  EXPECT_TRUE(rows) << (rows ? "" : rows.error().text());
  if (rows) {
    EXPECT_EQ(rows->get<std::int64_t>(0, 0), 42);
  }
  EXPECT_TRUE(session->usable());
}

TEST(conversation, may_be_cut_into_packets_anywhere) {
  for (std::size_t cut = 1; cut < conversation.size(); ++cut) {
    stage_play play;
    play.run(ask_for_42, [cut](scripted_peer& peer) -> asio::awaitable<void> {
      co_await peer.accept();
      co_await peer.receive_untyped();
      co_await peer.send(conversation.substr(0, std::min(cut, welcome().size())));
      if (cut < welcome().size()) {
        co_await pause(1ms);
        co_await peer.send(welcome().substr(cut));
      }
      co_await peer.receive_until('S');
      const auto sent = std::max(cut, welcome().size());
      co_await peer.send(conversation.substr(welcome().size(), sent - welcome().size()));
      co_await pause(1ms);
      co_await peer.send(conversation.substr(sent));
      co_await peer.until_gone();
    });
  }
}

TEST(conversation, may_end_anywhere_and_never_hangs) {
  for (std::size_t cut = 0; cut < conversation.size(); ++cut) {
    stage_play play;
    const auto client = [cut](stage_play& on) -> asio::awaitable<void> {
      auto options = on.options();
      const auto made = co_await connect(std::move(options), 5s);
      EXPECT_EQ(made.has_value(), cut >= welcome().size());
      if (!made) {
        EXPECT_EQ(made.error().category, error_category::connection) << made.error().text();
        co_return;
      }
      const auto rows = co_await (*made)->query(select_n, 5s);
      EXPECT_FALSE(rows);
      EXPECT_EQ(rows.error().category, error_category::connection) << rows.error().text();
      EXPECT_EQ(rows.error().statement, "select n");
      EXPECT_FALSE((*made)->usable());
    };
    play.run(client, [cut](scripted_peer& peer) -> asio::awaitable<void> {
      co_await peer.accept();
      co_await peer.receive_untyped();
      co_await peer.send(conversation.substr(0, std::min(cut, welcome().size())));
      if (cut >= welcome().size()) {
        co_await peer.receive_until('S');
        co_await peer.send(conversation.substr(welcome().size(), cut - welcome().size()));
      }
      peer.close();
    });
  }
}

asio::awaitable<void> never_answer(scripted_peer& peer) {
  co_await peer.let_in();
  co_await peer.until_gone();
}

TEST(execute, a_deadline_closes_the_connection) {
  stage_play play;
  const auto client = [](stage_play& on) -> asio::awaitable<void> {
    const auto session = co_await connected(on);
    const auto rows = co_await session->query(select_n, 100ms);
    EXPECT_FALSE(rows);
    EXPECT_EQ(rows.error().category, error_category::timeout);
    EXPECT_EQ(rows.error().statement, "select n");
    EXPECT_FALSE(session->usable());
    const auto again = co_await session->query(select_n, 100ms);
    EXPECT_FALSE(again);
    EXPECT_EQ(again.error().category, error_category::connection);
  };
  play.run(client, never_answer);
}

// Whether cancellation shows as an exception or as an error depends on what it met.
asio::awaitable<void> execute_until_cancelled(connection& session, bool& answered) {
  const auto rows = co_await session.query(select_n, 20s);
  answered = rows.has_value();
}

TEST(execute, a_cancelled_coroutine_closes_the_connection) {
  stage_play play;
  const auto client = [](stage_play& on) -> asio::awaitable<void> {
    const auto session = co_await connected(on);
    asio::cancellation_signal signal;
    bool answered = false;
    bool ended = false;
    auto work = execute_until_cancelled(*session, answered);
    auto on_end = [&ended](std::exception_ptr) { ended = true; };
    asio::co_spawn(on.io, std::move(work),
                   asio::bind_cancellation_slot(signal.slot(), std::move(on_end)));
    co_await pause(20ms);
    EXPECT_FALSE(session->usable());
    signal.emit(asio::cancellation_type::terminal);
    co_await pause(20ms);
    EXPECT_TRUE(ended);
    EXPECT_FALSE(answered);
    EXPECT_FALSE(session->usable());
  };
  play.run(client, never_answer);
}

TEST(execute, a_second_operation_at_once_is_a_mistake_in_the_program) {
  stage_play play;
  const auto client = [](stage_play& on) -> asio::awaitable<void> {
    const auto session = co_await connected(on);
    bool threw = false;
    auto work = execute_until_cancelled(*session, threw);
    bool ended = false;
    auto on_end = [&ended](std::exception_ptr) { ended = true; };
    asio::co_spawn(on.io, std::move(work), std::move(on_end));
    co_await pause(20ms);
    bool refused = false;
    try {
      co_await session->query(select_n, 1s);
    } catch (const std::logic_error&) {
      refused = true;
    }
    EXPECT_TRUE(refused);
    EXPECT_FALSE(ended) << "the first goes on";
    co_await session->close();
    co_await pause(20ms);
    EXPECT_TRUE(ended);
  };
  play.run(client, never_answer);
}

TEST(execute, what_the_server_said_last_explains_its_end) {
  stage_play play;
  const auto client = [](stage_play& on) -> asio::awaitable<void> {
    const auto session = co_await connected(on);
    const auto rows = co_await session->query(select_n, 5s);
    EXPECT_FALSE(rows);
    EXPECT_EQ(rows.error().category, error_category::shutdown);
    EXPECT_EQ(rows.error().sqlstate, "57P01");
    EXPECT_FALSE(session->usable());
  };
  play.run(client, [](scripted_peer& peer) -> asio::awaitable<void> {
    co_await peer.let_in();
    co_await peer.send(server_error("57P01", "FATAL"));
    peer.close();
  });
}

TEST(execute, a_frame_longer_than_its_limit_closes_the_connection) {
  stage_play play;
  const auto client = [](stage_play& on) -> asio::awaitable<void> {
    const auto session = co_await connected(on);
    const auto rows = co_await session->query(select_n, 5s);
    EXPECT_FALSE(rows);
    EXPECT_EQ(rows.error().category, error_category::protocol_violation);
    EXPECT_FALSE(session->usable());
  };
  play.run(client, [](scripted_peer& peer) -> asio::awaitable<void> {
    co_await peer.let_in();
    co_await peer.receive_until('S');
    co_await peer.send("D\x7f\xff\xff\xff"s);
    co_await peer.until_gone();
  });
}

std::string a_mebibyte_of_notices() {
  const std::string words(1000, 'n');
  const auto notice = bytes_of(wire::notice_response{{{{'M', words}}}});
  std::string many;
  while (many.size() < 1024 * 1024) many += notice;
  return many;
}

TEST(execute, a_large_pipeline_does_not_wait_for_replies_to_be_read) {
  // The server sends 16 MiB of notices before it reads anything of 16 MiB of statements.
  stage_play play;
  const auto client = [](stage_play& on) -> asio::awaitable<void> {
    const auto session = co_await connected(on);
    const std::string large(16U * 1024 * 1024, 'x');
    const statement big{"big", "select $1", {wire::text(large)}, {wire::oid::int8}};
    const auto rows = co_await session->query(big, 20s);
    EXPECT_TRUE(rows) << (rows ? "" : rows.error().text());
  };
  play.run(client, [](scripted_peer& peer) -> asio::awaitable<void> {
    co_await peer.let_in();
    const auto many = a_mebibyte_of_notices();
    for (int i = 0; i < 16; ++i) co_await peer.send(many);
    co_await peer.receive_until('S');
    co_await peer.send(one_bigint(1));
    co_await peer.until_gone();
  });
}

// Everything is read but the last part of a large statement; then the server answers as if it had
// all come, and goes away with the rest unread.
asio::awaitable<void> answer_half_a_statement(scripted_peer& peer, std::string answer) {
  co_await peer.let_in();
  co_await peer.receive(100'000);
  co_await peer.send(std::move(answer));
  co_await pause(50ms);
  peer.close();
}

TEST(execute, a_statement_that_was_not_sent_whole_leaves_nothing_usable) {
  for (const bool with_error : {false, true}) {
    stage_play play;
    const auto client = [with_error](stage_play& on) -> asio::awaitable<void> {
      const auto session = co_await connected(on);
      const std::string large(64U * 1024 * 1024, 'x');
      const statement big{"big", "select $1", {wire::text(large)}, {wire::oid::int8}};
      const auto rows = co_await session->query(big, 10s);
      EXPECT_FALSE(rows);
      EXPECT_EQ(rows.error().sqlstate, with_error ? "53200" : "") << rows.error().text();
      EXPECT_FALSE(session->usable());
    };
    const auto answer = with_error ? server_error("53200") + ready() : one_bigint(1);
    play.run(client,
             [answer](scripted_peer& peer) { return answer_half_a_statement(peer, answer); });
  }
}

TEST(execute, what_came_behind_the_last_reply_is_not_taken_for_the_next) {
  // In the same packet as the replies, or on its own.
  for (const bool together : {true, false}) {
    stage_play play;
    const auto client = [](stage_play& on) -> asio::awaitable<void> {
      const auto session = co_await connected(on);
      const auto first = co_await session->query(select_n, 5s);
      EXPECT_TRUE(first);
      co_await pause(50ms);
      const auto second = co_await session->query(select_n, 5s);
      EXPECT_FALSE(second) << "42 is an answer to nothing";
      EXPECT_EQ(second.error().category, error_category::protocol_violation);
      EXPECT_FALSE(session->usable());
    };
    play.run(client, [together](scripted_peer& peer) -> asio::awaitable<void> {
      co_await peer.let_in();
      co_await peer.receive_until('S');
      if (together) {
        co_await peer.send(one_bigint(1) + one_bigint(42));
      } else {
        co_await peer.send(one_bigint(1));
        co_await pause(10ms);
        co_await peer.send(one_bigint(42));
      }
      co_await peer.until_gone();
    });
  }
}

TEST(quiet, takes_what_may_come_at_any_moment_and_nothing_else) {
  const auto notice = bytes_of(wire::notice_response{{{{'M', "note"}}}});
  const auto setting = bytes_of(wire::parameter_status{"TimeZone", "UTC"});
  std::string without_end;
  while (without_end.size() < 2U * 1024 * 1024) without_end += notice;
  const std::vector<std::pair<std::string, bool>> cases{
      {"", true},
      {notice + setting, true},
      {notice + setting.substr(0, 9), true},
      {notice + server_error("57P01", "FATAL"), false},
      {ready(), false},
      {"Z", false},
      {bytes_of(wire::parameter_status{"client_encoding", "LATIN1"}), false},
      {without_end, false},
  };
  for (const auto& [bytes, quiet] : cases) {
    stage_play play;
    const auto client = [expected = quiet](stage_play& on) -> asio::awaitable<void> {
      const auto session = co_await connected(on);
      co_await pause(50ms);
      EXPECT_EQ(session->quiet(), expected);
      EXPECT_EQ(session->usable(), expected);
    };
    play.run(client, [sent = bytes](scripted_peer& peer) -> asio::awaitable<void> {
      co_await peer.let_in();
      co_await peer.send(sent);
      co_await peer.until_gone();
    });
  }
}

TEST(outdated, once_the_server_has_become_read_only_or_stops) {
  for (const auto* const sqlstate : {"25006", "57P01", "57P03", "23505"}) {
    stage_play play;
    const auto client = [sqlstate](stage_play& on) -> asio::awaitable<void> {
      const auto session = co_await connected(on);
      EXPECT_FALSE(session->outdated());
      const auto rows = co_await session->query(select_n, 5s);
      EXPECT_FALSE(rows);
      EXPECT_TRUE(session->usable());
      EXPECT_EQ(session->outdated(), std::string_view{sqlstate} != "23505");
    };
    play.run(client, [sqlstate](scripted_peer& peer) -> asio::awaitable<void> {
      co_await peer.let_in();
      co_await peer.receive_until('S');
      co_await peer.send(server_error(sqlstate) + ready());
      co_await peer.until_gone();
    });
  }
}

TEST(close, says_goodbye) {
  stage_play play;
  char seen = 0;
  const auto client = [](stage_play& on) -> asio::awaitable<void> {
    const auto session = co_await connected(on);
    co_await session->close();
    EXPECT_FALSE(session->usable());
  };
  play.run(client, [&seen](scripted_peer& peer) -> asio::awaitable<void> {
    co_await peer.let_in();
    const auto message = co_await peer.receive_message();
    seen = message.type;
  });
  EXPECT_EQ(seen, 'X');
}

}  // namespace
}  // namespace ingestor::pg
