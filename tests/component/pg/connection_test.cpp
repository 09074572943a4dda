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

asio::awaitable<std::unique_ptr<connection>> connected(stage_play& play) {
  auto options = play.options();
  auto made = co_await connection::connect(std::move(options), 5s);
  EXPECT_TRUE(made) << (made ? "" : made.error().text());
  co_return made ? std::move(*made) : nullptr;
}

/// Connects, which must fail, and keeps why.
struct failing_connect {
  error& failure;
  std::chrono::milliseconds timeout = 5s;

  asio::awaitable<void> operator()(stage_play& play) const {
    auto options = play.options();
    const auto made = co_await connection::connect(std::move(options), timeout);
    EXPECT_FALSE(made);
    if (!made) failure = made.error();
  }
};

TEST(connect, a_server_that_says_nothing_meets_the_deadline) {
  stage_play play;
  error failure;
  play.run(failing_connect{failure, 200ms}, [](scripted_peer& peer) -> asio::awaitable<void> {
    co_await peer.accept();
    co_await peer.until_gone();
  });
  EXPECT_EQ(failure.category, error_category::timeout);
  EXPECT_THAT(failure.server, HasSubstr("127.0.0.1:"));
}

TEST(connect, nothing_hostile_is_believed_before_authentication) {
  const std::vector<std::string> hostile{
      "R\0\0\x07\xd1"s,      // an authentication request of 2,001 bytes
      "E\0\0\x75\x31"s,      // an error of 30,001
      "E\x7f\xff\xff\xff"s,  // of 2 GiB
      "R\0\0\0\x03"s,       "R\xff\xff\xff\xff"s,
      "D\0\0\0\x06\0\0"s,   "HTTP/1.1 400 Bad Request\r\n\r\n"s,
  };
  for (const auto& bytes : hostile) {
    stage_play play;
    error failure;
    play.run(failing_connect{failure}, [bytes](scripted_peer& peer) -> asio::awaitable<void> {
      co_await peer.accept();
      co_await peer.receive_untyped();
      co_await peer.send(bytes);
      co_await peer.until_gone();
    });
    EXPECT_EQ(failure.category, error_category::protocol_violation) << failure.text();
  }
}

TEST(connect, plaintext_behind_the_answer_for_tls_is_refused) {
  stage_play play;
  error failure;
  const auto client = [&failure](stage_play& on) -> asio::awaitable<void> {
    auto options = on.options();
    options.sslmode = ssl_mode::require;
    const auto made = co_await connection::connect(std::move(options), 5s);
    EXPECT_FALSE(made);
    failure = made.error();
  };
  play.run(client, [](scripted_peer& peer) -> asio::awaitable<void> {
    co_await peer.accept();
    co_await peer.receive_untyped();
    co_await peer.send("S" + welcome());
    co_await peer.until_gone();
  });
  EXPECT_EQ(failure.category, error_category::protocol_violation);
}

TEST(connect, prefer_goes_on_without_tls_when_there_is_none) {
  stage_play play;
  const auto client = [](stage_play& on) -> asio::awaitable<void> {
    auto options = on.options();
    options.sslmode = ssl_mode::prefer;
    const auto made = co_await connection::connect(std::move(options), 5s);
    EXPECT_TRUE(made);
  };
  play.run(client, [](scripted_peer& peer) -> asio::awaitable<void> {
    co_await peer.accept();
    co_await peer.receive_untyped();
    co_await peer.send("N");
    co_await peer.receive_untyped();
    co_await peer.send(welcome());
    co_await peer.until_gone();
  });
}

TEST(connect, prefer_tries_again_without_tls_when_the_handshake_fails) {
  stage_play play;
  const auto client = [](stage_play& on) -> asio::awaitable<void> {
    auto options = on.options();
    options.sslmode = ssl_mode::prefer;
    const auto made = co_await connection::connect(std::move(options), 5s);
    EXPECT_TRUE(made);
  };
  play.run(client, [](scripted_peer& peer) -> asio::awaitable<void> {
    co_await peer.accept();
    co_await peer.receive_untyped();
    co_await peer.send("S");
    co_await peer.receive(5);
    co_await peer.send("this is not TLS");
    co_await peer.let_in();
    co_await peer.until_gone();
  });
}

TEST(connect, after_both_failed_the_error_is_the_one_without_tls) {
  stage_play play;
  error failure;
  const auto client = [&failure](stage_play& on) -> asio::awaitable<void> {
    auto options = on.options();
    options.sslmode = ssl_mode::prefer;
    const auto made = co_await connection::connect(std::move(options), 5s);
    EXPECT_FALSE(made);
    failure = made.error();
  };
  play.run(client, [](scripted_peer& peer) -> asio::awaitable<void> {
    co_await peer.accept();
    co_await peer.receive_untyped();
    co_await peer.send("S");
    co_await peer.receive(5);
    co_await peer.send("this is not TLS");
    co_await peer.accept();
    co_await peer.receive_untyped();
    co_await peer.send(server_error("28000", "FATAL"));
    co_await peer.until_gone();
  });
  EXPECT_EQ(failure.category, error_category::authentication);
  EXPECT_EQ(failure.sqlstate, "28000");
  EXPECT_THAT(failure.message, HasSubstr("the TLS handshake failed"));
  EXPECT_THAT(failure.message, HasSubstr("without TLS: scripted error"));
}

TEST(connect, a_root_certificate_that_is_none_is_told_before_anything_is_sent) {
  for (const auto mode : {ssl_mode::prefer, ssl_mode::require, ssl_mode::verify_full}) {
    stage_play play;
    play.peer.stop_listening();
    error failure;
    const auto client = [&failure, mode](stage_play&) -> asio::awaitable<void> {
      connection_options options;
      options.servers = {{"127.0.0.1", 1}};
      options.sslmode = mode;
      options.sslrootcert = "/dev/null";
      const auto made = co_await connection::connect(std::move(options), 5s);
      EXPECT_FALSE(made);
      failure = made.error();
    };
    play.run(client, [](scripted_peer&) -> asio::awaitable<void> { co_return; });
    EXPECT_EQ(failure.category, error_category::configuration) << failure.text();
    EXPECT_THAT(failure.text(), HasSubstr("sslrootcert=/dev/null"));
  }
}

TEST(connect, a_silent_server_leaves_time_for_the_next) {
  stage_play play;
  asio::ip::tcp::acceptor silent{play.io, {asio::ip::address_v4::loopback(), 0}};
  const auto client = [&silent](stage_play& on) -> asio::awaitable<void> {
    auto options = on.options();
    options.servers.insert(options.servers.begin(), {"127.0.0.1", silent.local_endpoint().port()});
    const auto port = options.servers[1].port;
    const auto made = co_await connection::connect(std::move(options), 1s);
    EXPECT_TRUE(made) << (made ? "" : made.error().text());
    if (made) {
      EXPECT_EQ((*made)->server(), "127.0.0.1:" + std::to_string(port));
    }
  };
  play.run(client, [](scripted_peer& peer) -> asio::awaitable<void> {
    co_await peer.let_in();
    co_await peer.until_gone();
  });
}

/// Logs in to a server of two addresses, of which the first says nothing.
asio::awaitable<void> log_in_past_a_silent_address(stage_play& on, std::chrono::seconds each,
                                                   std::chrono::seconds whole) {
  const auto loopback = asio::ip::address_v4::loopback();
  asio::ip::tcp::acceptor silent{on.io, {loopback, 0}};
  const asio::ip::tcp::endpoint answers{loopback, on.peer.port()};
  login_request request;
  request.options = on.options();
  request.options.connect_timeout = each;
  request.server = {"db", 5432};
  request.until = std::chrono::steady_clock::now() + whole;
  std::vector<transport::endpoint> addresses{silent.local_endpoint(), answers};
  key_deriver keys;
  const auto session = co_await log_in(request, addresses, keys);
  EXPECT_TRUE(session) << (session ? "" : session.error().text());
  EXPECT_EQ(request.address, transport::endpoint{answers});
}

TEST(connect, a_silent_address_leaves_time_for_the_next) {
  for (const auto& [each, whole] : {std::pair{1s, 10s}, {2s, 2s}, {0s, 2s}}) {
    stage_play play;
    const auto began = std::chrono::steady_clock::now();
    play.run([&](stage_play& on) { return log_in_past_a_silent_address(on, each, whole); },
             [](scripted_peer& peer) -> asio::awaitable<void> {
               co_await peer.let_in();
               co_await peer.until_gone();
             });
    const auto took = std::chrono::steady_clock::now() - began;
    EXPECT_GE(took, 900ms);
    EXPECT_LT(took, 1'800ms);
  }
}

TEST(connect, every_address_that_failed_is_named) {
  stage_play play;
  play.peer.stop_listening();
  std::string told;
  const auto client = [&told](stage_play&) -> asio::awaitable<void> {
    login_request request;
    request.server = {"db", 5432};
    request.until = std::chrono::steady_clock::now() + 5s;
    std::vector<transport::endpoint> addresses;
    for (const auto* const each : {"127.0.0.1", "127.0.0.2"}) {
      addresses.emplace_back(asio::ip::tcp::endpoint{asio::ip::make_address(each), 1});
    }
    key_deriver keys;
    const auto session = co_await log_in(request, addresses, keys);
    EXPECT_FALSE(session);
    if (!session) told = session.error().text();
  };
  play.run(client, [](scripted_peer&) -> asio::awaitable<void> { co_return; });
  EXPECT_THAT(told, HasSubstr("(127.0.0.1), cannot connect"));
  EXPECT_THAT(told, HasSubstr("(127.0.0.2); on db:5432"));
}

TEST(connect, a_connect_timeout_beyond_the_callers_is_not_cut) {
  stage_play play;
  const auto client = [](stage_play& on) -> asio::awaitable<void> {
    auto options = on.options();
    options.connect_timeout = 2s;
    const auto made = co_await connection::connect(std::move(options), 100ms);
    EXPECT_TRUE(made) << (made ? "" : made.error().text());
  };
  play.run(client, [](scripted_peer& peer) -> asio::awaitable<void> {
    co_await peer.accept();
    co_await peer.receive_untyped();
    co_await pause(300ms);
    co_await peer.send(welcome());
    co_await peer.until_gone();
  });
}

TEST(connect, every_server_that_failed_is_named) {
  stage_play play;
  error failure;
  play.peer.stop_listening();
  const auto client = [&failure](stage_play&) -> asio::awaitable<void> {
    connection_options options;
    options.servers = {{"127.0.0.1", 1}, {"/nonexistent", 5432}};
    options.user = "me";
    const auto made = co_await connection::connect(std::move(options), 5s);
    EXPECT_FALSE(made);
    failure = made.error();
  };
  play.run(client, [](scripted_peer&) -> asio::awaitable<void> { co_return; });
  EXPECT_EQ(failure.category, error_category::connection);
  EXPECT_THAT(failure.text(), HasSubstr("127.0.0.1:1: cannot connect"));
  EXPECT_THAT(failure.text(), HasSubstr("/nonexistent/.s.PGSQL.5432: cannot connect"));
}

/// A whole conversation of the server: logging in, and one statement.
const std::string conversation = welcome() + one_bigint(42);

asio::awaitable<void> ask_for_42(stage_play& play) {
  const auto session = co_await connected(play);
  if (!session) co_return;
  const auto rows = co_await session->execute(select_n, 5s);
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
      const auto made = co_await connection::connect(std::move(options), 5s);
      EXPECT_EQ(made.has_value(), cut >= welcome().size());
      if (!made) {
        EXPECT_EQ(made.error().category, error_category::connection) << made.error().text();
        co_return;
      }
      const auto rows = co_await (*made)->execute(select_n, 5s);
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
    const auto rows = co_await session->execute(select_n, 100ms);
    EXPECT_FALSE(rows);
    EXPECT_EQ(rows.error().category, error_category::timeout);
    EXPECT_EQ(rows.error().statement, "select n");
    EXPECT_FALSE(session->usable());
    const auto again = co_await session->execute(select_n, 100ms);
    EXPECT_FALSE(again);
    EXPECT_EQ(again.error().category, error_category::connection);
  };
  play.run(client, never_answer);
}

// Whether cancellation shows as an exception or as an error depends on what it met.
asio::awaitable<void> execute_until_cancelled(connection& session, bool& answered) {
  const auto rows = co_await session.execute(select_n, 20s);
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
      co_await session->execute(select_n, 1s);
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
    const auto rows = co_await session->execute(select_n, 5s);
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
    const auto rows = co_await session->execute(select_n, 5s);
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
    const auto rows = co_await session->execute(big, 20s);
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
      const auto rows = co_await session->execute(big, 10s);
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
      const auto first = co_await session->execute(select_n, 5s);
      EXPECT_TRUE(first);
      co_await pause(50ms);
      const auto second = co_await session->execute(select_n, 5s);
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
      const auto rows = co_await session->execute(select_n, 5s);
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

/// A cancel that must fail, and how.
struct failing_cancel {
  error& failure;

  asio::awaitable<void> operator()(stage_play& play) const {
    const auto session = co_await connected(play);
    const auto done = co_await session->cancel(200ms);
    EXPECT_FALSE(done);
    if (!done) failure = done.error();
    EXPECT_TRUE(session->usable());
  }
};

TEST(cancel, is_not_done_before_the_server_has_closed) {
  stage_play play;
  error failure;
  play.run(failing_cancel{failure}, [](scripted_peer& peer) -> asio::awaitable<void> {
    co_await peer.accept();
    co_await peer.receive_untyped();
    co_await peer.send(welcome());
    auto second = co_await peer.accept_another();
    co_await second.until_gone();
  });
  EXPECT_EQ(failure.category, error_category::timeout);
  EXPECT_THAT(failure.server, HasSubstr("127.0.0.1:"));
}

TEST(cancel, an_answer_is_told) {
  stage_play play;
  error failure;
  play.run(failing_cancel{failure}, [](scripted_peer& peer) -> asio::awaitable<void> {
    co_await peer.accept();
    co_await peer.receive_untyped();
    co_await peer.send(welcome());
    auto second = co_await peer.accept_another();
    co_await second.receive_untyped();
    co_await second.send(server_error("53300", "FATAL"));
    co_await second.until_gone();
  });
  EXPECT_EQ(failure.sqlstate, "53300");
}

TEST(cancel, without_a_key_nothing_is_sent) {
  stage_play play;
  error failure;
  play.run(failing_cancel{failure}, [](scripted_peer& peer) -> asio::awaitable<void> {
    co_await peer.accept();
    co_await peer.receive_untyped();
    co_await peer.send(bytes_of(wire::authentication{wire::authentication_ok{}}) + ready());
    co_await peer.until_gone();
  });
  EXPECT_EQ(failure.category, error_category::statement);
  EXPECT_THAT(failure.message, HasSubstr("no key"));
}

TEST(cancel, sends_the_key_over_a_connection_of_its_own) {
  stage_play play;
  std::string request;
  const auto client = [](stage_play& on) -> asio::awaitable<void> {
    const auto session = co_await connected(on);
    const auto done = co_await session->cancel(5s);
    EXPECT_TRUE(done) << (done ? "" : done.error().text());
    EXPECT_TRUE(session->usable());
  };
  play.run(client, [&request](scripted_peer& peer) -> asio::awaitable<void> {
    co_await peer.let_in();
    co_await peer.accept();
    request = co_await peer.receive_untyped();
    peer.close();
  });
  const auto decoded = wire::cancel_request::decode(as_bytes(request));
  ASSERT_TRUE(decoded);
  EXPECT_EQ(*decoded, (wire::cancel_request{7, 8}));
}

}  // namespace
}  // namespace ingestor::pg
