// A pool against a server that treats every connection alike.
#pragma once

#include "pg/pool.hpp"
#include "scripted_peer.hpp"

#include <boost/asio/detached.hpp>

#include <algorithm>
#include <list>
#include <optional>
#include <stdexcept>
#include <vector>

namespace ingestor::pg {

/// All connections of the server, and what it has seen of them.
struct crowd {
  std::size_t accepted = 0;
  std::size_t open = 0;
  std::size_t open_max = 0;
  /// Round trips without a statement.
  std::size_t checks = 0;
  std::size_t cancels = 0;
  std::list<scripted_session> sessions;
};

using behaviour = asio::awaitable<void> (*)(scripted_session&, crowd&);

/// Answers statements and checks until the client leaves.
inline asio::awaitable<void> answer(scripted_session& session, crowd& all) {
  bool asked = false;
  for (;;) {
    const auto message = co_await session.receive_message();
    if (message.type == 0 || message.type == 'X') co_return;
    if (message.type == 'P') asked = true;
    if (message.type != 'S') continue;
    if (!asked) ++all.checks;
    const auto reply = asked ? one_bigint(1) : ready();
    co_await session.send(reply);
    asked = false;
  }
}

inline asio::awaitable<void> welcome_and_answer(scripted_session& session, crowd& all) {
  co_await session.send(welcome());
  co_await answer(session, all);
}

inline asio::awaitable<void> say_nothing(scripted_session& session, crowd&) {
  co_await session.until_gone();
}

/// A server without a word from the second message on; its socket stays open.
inline asio::awaitable<void> welcome_and_fall_silent(scripted_session& session, crowd& all) {
  co_await session.send(welcome());
  for (;;) {
    const auto message = co_await session.receive_message();
    if (message.type == 0 || message.type == 'X') co_return;
    if (message.type == 'S') ++all.checks;
  }
}

/// One pool and its callers. A script is a coroutine that takes the play; it may be a lambda with
/// captures.
class pool_play {
 public:
  explicit pool_play(std::size_t size) {
    options.connection = stage.options();
    options.size = size;
    options.connect_timeout = 2s;
    options.backoff_min = 50ms;
    options.backoff_max = 100ms;
  }

  template <class Script>
  void run(behaviour how, Script script) {
    const auto client = [this, &script](stage_play& on) -> asio::awaitable<void> {
      connections.emplace(on.io.get_executor(), options, keys);
      co_await script(*this);
      connections.reset();
      on.peer.stop_listening();
      for (auto& each : all.sessions) each.close();
    };
    stage.run(client, [this, how](scripted_peer& peer) { return serve_all(peer, all, how); });
  }

  pool_stats stats() const { return connections->stats(); }

  asio::awaitable<lease> borrow() {
    auto got = co_await connections->lease(5s);
    if (!got) throw std::runtime_error{got.error().text()};
    co_return std::move(*got);
  }

  /// In the background; the outcome goes to `results`.
  void ask(std::chrono::milliseconds timeout) {
    auto asking = keep_outcome(timeout);
    asio::co_spawn(stage.io, std::move(asking), asio::detached);
  }

  /// Borrows so many at the same time and gives them back.
  asio::awaitable<void> fill(std::size_t count) {
    std::vector<lease> all_at_once;
    for (std::size_t i = 0; i < count; ++i) all_at_once.push_back(co_await borrow());
    EXPECT_EQ(stats().in_use, count);
  }

  stage_play stage;
  crowd all;
  key_deriver keys;
  pool_options options;
  std::optional<pool> connections;
  std::vector<result<lease>> results;

 private:
  asio::awaitable<void> keep_outcome(std::chrono::milliseconds timeout) {
    auto got = co_await connections->lease(timeout);
    results.push_back(std::move(got));
  }

  static asio::awaitable<void> serve(scripted_session& session, crowd& all, behaviour how) {
    const auto opening = co_await session.receive_untyped();
    if (wire::cancel_request::decode(as_bytes(opening))) {
      ++all.cancels;
      session.close();
      co_return;
    }
    ++all.accepted;
    all.open_max = std::max(all.open_max, ++all.open);
    co_await how(session, all);
    session.close();
    --all.open;
  }

  static asio::awaitable<void> serve_all(scripted_peer& peer, crowd& all, behaviour how) {
    try {
      for (;;) {
        all.sessions.push_back(co_await peer.accept_another());
        const auto executor = co_await asio::this_coro::executor;
        asio::co_spawn(executor, serve(all.sessions.back(), all, how), asio::detached);
      }
    } catch (const boost::system::system_error&) {
      // The test has ended and closed the acceptor.
    }
  }
};

/// Waits for something that happens by itself; a test that waits in vain hangs, and fails.
template <class Condition>
asio::awaitable<void> until(Condition holds) {
  while (!holds()) co_await pause(1ms);
}

}  // namespace ingestor::pg
