// An operation is cancelled after every number of steps that the loop may have done by then. It
// ends; its connection is closed, or in order; and no descriptor is left open.
#include "open_descriptors.hpp"
#include "pg/copy_writer.hpp"
#include "scripted_peer.hpp"
#include "test_certificate.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/post.hpp>
#include <gtest/gtest.h>

#include <memory>
#include <optional>

namespace ingestor::pg {
namespace {

constexpr std::string_view sql = "COPY t FROM STDIN (FORMAT binary)";

/// Null for a server without TLS.
using tls_identity = asio::ssl::context*;

asio::awaitable<void> take_one_cancel_request(scripted_peer& peer, tls_identity identity) {
  auto request = co_await peer.accept_another();
  if (identity != nullptr) {
    co_await request.receive_untyped();
    co_await request.send("S");
    if (!co_await request.start_tls(*identity)) co_return;
  }
  co_await request.receive_untyped();
}

asio::awaitable<void> serve(scripted_peer& peer, tls_identity identity) {
  if (identity != nullptr) {
    co_await peer.let_in_over_tls(*identity);
  } else {
    co_await peer.let_in();
  }
  const auto executor = co_await asio::this_coro::executor;
  asio::co_spawn(executor, take_one_cancel_request(peer, identity),
                 [](const std::exception_ptr&) {});
  for (;;) {
    const auto message = co_await peer.receive_message();
    std::string answer;
    if (message.type == 'Q') {
      answer = bytes_of(wire::copy_in_response{wire::format::binary, {wire::format::binary}});
    } else if (message.type == 'c') {
      answer = bytes_of(wire::command_complete{"COPY 1"}) + ready();
    } else if (message.type == 'S') {
      answer = one_bigint(1);
    } else if (message.type == 0) {
      co_return;
    }
    co_await peer.send(answer);
  }
}

struct client {
  std::unique_ptr<connection> session;
  std::optional<copy_writer> writer;
};

asio::awaitable<void> connect(connection_options options, client& on) {
  auto made = co_await connect(std::move(options), 5s);
  if (made) on.session = std::move(*made);
}

asio::awaitable<void> query(client& on) {
  co_await on.session->query(select_n, 5s);
}

asio::awaitable<void> begin(client& on) {
  auto begun = co_await copy_writer::begin(*on.session, "load", sql, 5s);
  if (begun) on.writer.emplace(std::move(*begun));
}

asio::awaitable<void> write(client& on) {
  const std::string part(1'000'000, 'x');
  const auto bytes = as_bytes(part);
  co_await on.writer->write(bytes, 5s);
}

asio::awaitable<void> finish(client& on) {
  co_await on.writer->finish(5s);
}

asio::awaitable<void> cancel(client& on) {
  co_await on.session->cancel(5s);
}

using step = asio::awaitable<void> (*)(client&);

/// One loop with a server and a client, moved on by hand.
class cancelled_play {
 public:
  explicit cancelled_play(tls_identity identity) : over_tls_{identity != nullptr} {
    asio::co_spawn(io_, serve(peer_, identity), [](const std::exception_ptr&) {});
  }

  void connect_client() { run(connect(options(), client_)); }
  void run(step one) { run(one(client_)); }

  /// Whether it had ended before it was cancelled, `steps` later.
  bool run_and_cancel(asio::awaitable<void> work, int steps) {
    bool ended = false;
    auto on_end = [&ended](const std::exception_ptr&) { ended = true; };
    asio::co_spawn(io_, std::move(work),
                   asio::bind_cancellation_slot(signal_.slot(), std::move(on_end)));
    for (int i = 0; i < steps && !ended; ++i) io_.run_one_for(test_timeout);
    const bool quicker = ended;
    // On the loop, as a program does it.
    asio::post(io_, [this] { signal_.emit(asio::cancellation_type::terminal); });
    while (!ended && io_.run_one_for(test_timeout) > 0) {
    }
    EXPECT_TRUE(ended) << "cancelled after " << steps << " steps it still waits";
    return quicker;
  }
  bool run_and_cancel(step one, int steps) { return run_and_cancel(one(client_), steps); }
  bool connect_and_cancel(int steps) { return run_and_cancel(connect(options(), client_), steps); }

  /// The writer's end leaves the connection closed, or ready for a statement that gets its replies.
  void expect_closed_or_in_order(int steps) {
    client_.writer.reset();
    if (!client_.session || !client_.session->usable()) return;
    run(check(*client_.session, steps));
  }

 private:
  connection_options options() const {
    auto how = options_for(peer_);
    how.sslmode = over_tls_ ? ssl_mode::require : ssl_mode::disable;
    return how;
  }

  static asio::awaitable<void> check(connection& session, int steps) {
    const auto rows = co_await session.query(select_n, 5s);
    EXPECT_TRUE(rows) << "after " << steps << " steps: " << (rows ? "" : rows.error().text());
  }

  void run(asio::awaitable<void> work) {
    bool ended = false;
    auto on_end = [&ended](const std::exception_ptr&) { ended = true; };
    asio::co_spawn(io_, std::move(work), std::move(on_end));
    while (!ended && io_.run_one_for(test_timeout) > 0) {
    }
    EXPECT_TRUE(ended);
  }

  bool over_tls_;
  asio::cancellation_signal signal_;
  asio::io_context io_;
  scripted_peer peer_{io_};
  client client_;
};

constexpr int steps_max = 1'000;

/// Says after how many steps the operation was quicker.
template <class Play>
int cancel_after_every_step(Play play) {
  const auto before = open_descriptors();
  for (int steps = 0; steps < steps_max; ++steps) {
    const bool quicker = play(steps);
    EXPECT_EQ(open_descriptors(), before) << "after " << steps << " steps";
    if (quicker || testing::Test::HasFailure()) return steps;
  }
  ADD_FAILURE() << "it never ends by itself";
  return steps_max;
}

/// Without TLS, and over it.
class cancelled : public testing::TestWithParam<bool> {
 protected:
  int everywhere(std::initializer_list<step> preparations, step one) {
    return cancel_after_every_step([&](int steps) {
      cancelled_play play{identity()};
      play.connect_client();
      for (const auto each : preparations) play.run(each);
      const bool quicker = play.run_and_cancel(one, steps);
      play.expect_closed_or_in_order(steps);
      return quicker;
    });
  }

  tls_identity identity() { return GetParam() ? &identity_ : nullptr; }

 private:
  asio::ssl::context identity_ =
      testing_support::server_context(testing_support::make_certificate("IP:127.0.0.1"));
};

TEST_P(cancelled, connecting) {
  const int steps = cancel_after_every_step([this](int after) {
    cancelled_play play{identity()};
    const bool quicker = play.connect_and_cancel(after);
    play.expect_closed_or_in_order(after);
    return quicker;
  });
  EXPECT_GT(steps, 4);
}

TEST_P(cancelled, a_query) {
  EXPECT_GT(everywhere({}, query), 1);
}

TEST_P(cancelled, the_begin_of_a_copy) {
  EXPECT_GT(everywhere({}, begin), 1);
}

TEST_P(cancelled, a_part_of_a_copy) {
  EXPECT_GT(everywhere({begin}, write), 4);
}

TEST_P(cancelled, the_end_of_a_copy) {
  EXPECT_GT(everywhere({begin, write}, finish), 1);
}

TEST_P(cancelled, a_request_to_cancel) {
  EXPECT_GT(everywhere({}, cancel), 4);
}

INSTANTIATE_TEST_SUITE_P(plain_and_tls, cancelled, testing::Bool(),
                         [](const auto& over_tls) { return over_tls.param ? "tls" : "plain"; });

}  // namespace
}  // namespace ingestor::pg
