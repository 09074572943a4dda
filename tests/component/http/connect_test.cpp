#include "client_fixture.hpp"
#include "http/connect_race.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/error.hpp>

#include <filesystem>
#include <iterator>
#include <sys/socket.h>
#include <thread>
#include <vector>

namespace ingestor::http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using std::chrono::milliseconds;
using std::chrono::steady_clock;
using connected = ingestor::result<tcp::socket, error_code>;

std::ptrdiff_t open_descriptors() {
  return std::distance(std::filesystem::directory_iterator{"/proc/self/fd"},
                       std::filesystem::directory_iterator{});
}

/// The other ends of connections are this process's too, and close in their own time.
void expect_descriptors(std::ptrdiff_t wanted) {
  const auto patience = steady_clock::now() + milliseconds{5000};
  while (open_descriptors() != wanted && steady_clock::now() < patience) {
    std::this_thread::sleep_for(milliseconds{1});
  }
  EXPECT_EQ(open_descriptors(), wanted);
}

/// An address that swallows connections: the queue of a server that never accepts, kept full.
class black_hole {
 public:
  explicit black_hole(asio::io_context& loop) : listener_{loop, tcp::v4()} {
    listener_.bind({asio::ip::address_v4::loopback(), 0});
    listener_.listen(0);
    for (int i = 0; i < 4; ++i) {
      auto& waiting = waiting_.emplace_back(loop);
      waiting.open(tcp::v4());
      waiting.native_non_blocking(true);
      const auto to = endpoint();
      (void)::connect(waiting.native_handle(), to.data(), static_cast<socklen_t>(to.size()));
    }
  }
  tcp::endpoint endpoint() const { return listener_.local_endpoint(); }

 private:
  tcp::acceptor listener_;
  std::vector<tcp::socket> waiting_;
};

tcp::endpoint refusing(asio::io_context& loop) {
  const tcp::acceptor gone{loop, {asio::ip::address_v4::loopback(), 0}};
  return gone.local_endpoint();
}

class http_connect : public http_client {
 protected:
  connected race(std::vector<tcp::endpoint> endpoints, milliseconds timeout,
                 milliseconds attempt_delay) {
    const auto deadline = steady_clock::now() + timeout;
    return await_on(loop_, connect_first(std::move(endpoints), deadline, attempt_delay));
  }

  tcp::endpoint endpoint() const { return {asio::ip::address_v4::loopback(), server_.port()}; }

  scripted_server server_{[](peer& p, int) {
    while (!p.read_request().empty()) p.answer("here");
  }};
};

TEST(http_addresses, take_turns_by_family) {
  const auto v6 = [](unsigned short port) { return tcp::endpoint{tcp::v6(), port}; };
  const auto v4 = [](unsigned short port) { return tcp::endpoint{tcp::v4(), port}; };
  EXPECT_EQ(interleaved({v6(1), v6(2), v6(3), v4(4), v4(5)}),
            (std::vector{v6(1), v4(4), v6(2), v4(5), v6(3)}));
  EXPECT_EQ(interleaved({v4(1), v4(2)}), (std::vector{v4(1), v4(2)}));
  EXPECT_TRUE(interleaved({}).empty());
}

TEST_F(http_connect, passes_over_addresses_that_swallow_packets) {
  const black_hole hole{loop_};
  const auto before = open_descriptors();
  const auto begun = steady_clock::now();
  const auto got =
      race({hole.endpoint(), hole.endpoint(), endpoint()}, milliseconds{20'000}, milliseconds{50});
  ASSERT_TRUE(got) << got.error().message();
  EXPECT_EQ(got->remote_endpoint(), endpoint());
  EXPECT_GE(steady_clock::now() - begun, milliseconds{100});
  EXPECT_LT(steady_clock::now() - begun, milliseconds{10'000});
  let_pass(milliseconds{1});
  expect_descriptors(before + 2);  // both ends of the winner
}

TEST_F(http_connect, goes_on_at_once_where_an_address_refuses) {
  const auto begun = steady_clock::now();
  const auto got = race({refusing(loop_), refusing(loop_), endpoint()}, milliseconds{20'000},
                        milliseconds{10'000});
  ASSERT_TRUE(got) << got.error().message();
  EXPECT_LT(steady_clock::now() - begun, milliseconds{5'000});
}

TEST_F(http_connect, takes_a_slow_address_when_later_ones_have_failed) {
  // The first one's queue is full at first; SYNs are sent again after a second.
  tcp::acceptor slow{loop_, tcp::v4()};
  slow.bind({asio::ip::address_v4::loopback(), 0});
  slow.listen(0);
  tcp::socket filling{loop_};
  filling.connect(slow.local_endpoint());
  asio::steady_timer soon{loop_, milliseconds{200}};
  tcp::socket taken{loop_};
  soon.async_wait([&](auto) { taken = slow.accept(); });
  const auto got =
      race({slow.local_endpoint(), refusing(loop_)}, milliseconds{20'000}, milliseconds{10});
  ASSERT_TRUE(got) << got.error().message();
}

TEST_F(http_connect, says_why_when_nobody_answers) {
  const black_hole hole{loop_};
  const auto late = race({hole.endpoint(), hole.endpoint()}, milliseconds{200}, milliseconds{10});
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error(), boost::beast::error::timeout);
  const auto refused =
      race({refusing(loop_), refusing(loop_)}, milliseconds{3000}, milliseconds{10});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error(), asio::error::connection_refused);
}

asio::awaitable<void> race_into(std::vector<tcp::endpoint> endpoints,
                                std::optional<connected>& out) {
  const auto deadline = steady_clock::now() + milliseconds{10'000};
  const milliseconds delay{1};
  out.emplace(co_await connect_first(std::move(endpoints), deadline, delay));
}

TEST_F(http_connect, can_be_cancelled_at_every_instant) {
  const auto before = open_descriptors();
  int won = 0;
  int stopped = 0;
  // Until the race is over before it is stopped.
  for (int instant = 0; won == 0 && instant < 100; ++instant) {
    asio::io_context loop;
    const black_hole hole{loop};
    asio::cancellation_signal stop;
    std::optional<connected> got;
    bool ended = false;
    asio::co_spawn(loop,
                   race_into({hole.endpoint(), refusing(loop), hole.endpoint(), endpoint()}, got),
                   asio::bind_cancellation_slot(stop.slot(), [&](auto) { ended = true; }));
    for (int i = 0; i < instant && !ended; ++i) loop.run_one_for(milliseconds{5000});
    if (ended) {
      ++won;
      EXPECT_TRUE(*got);
      continue;
    }
    stop.emit(asio::cancellation_type::terminal);
    loop.restart();
    loop.run();
    EXPECT_TRUE(ended);
    if (got && !*got) {
      EXPECT_EQ(got->error(), asio::error::operation_aborted);
    }
    ++stopped;
  }
  EXPECT_EQ(won, 1);
  EXPECT_GT(stopped, 3);
  expect_descriptors(before);
}

TEST_F(http_connect, leaves_nothing_running_when_it_is_cancelled) {
  const auto before = open_descriptors();
  for (int instant = 1; instant < 6; ++instant) {
    asio::io_context loop;
    const black_hole hole{loop};
    asio::cancellation_signal stop;
    std::optional<connected> got;
    asio::co_spawn(loop, race_into({hole.endpoint(), hole.endpoint(), hole.endpoint()}, got),
                   asio::bind_cancellation_slot(stop.slot(), asio::detached));
    for (int i = 0; i < instant; ++i) loop.run_one_for(milliseconds{20});
    stop.emit(asio::cancellation_type::terminal);
    loop.restart();
    loop.run_for(milliseconds{3000});
    EXPECT_TRUE(loop.stopped()) << "attempts go on that nobody waits for";
  }
  expect_descriptors(before);
}

TEST_F(http_connect, may_end_with_its_loop) {
  const auto before = open_descriptors();
  for (int instant = 0; instant < 10; ++instant) {
    asio::io_context loop;
    const black_hole hole{loop};
    std::optional<connected> got;
    asio::co_spawn(loop, race_into({hole.endpoint(), hole.endpoint()}, got), asio::detached);
    for (int i = 0; i < instant; ++i) loop.run_one_for(milliseconds{5});
  }
  expect_descriptors(before);
}

using looked_up = result<std::vector<tcp::endpoint>>;

asio::awaitable<looked_up> answering(looked_up what) {
  co_return what;
}

TEST_F(http_connect, looks_the_name_up_for_each_connection) {
  int requests = 0;
  const auto closes = [&](peer& p, int) {
    while (!p.read_request().empty()) {
      if (++requests % 2 == 1)
        p.answer("kept");
      else
        p.answer("closed", "Connection: close\r\n");
    }
  };
  scripted_server here{closes};
  scripted_server there{closes};
  const scripted_server* current = &here;
  int lookups = 0;
  auto asking = options({false, "moves.example", 80});
  asking.pool.lookup = [&](const origin& where, steady_clock::time_point) {
    EXPECT_EQ(where.host, "moves.example");
    ++lookups;
    const tcp::endpoint at{asio::ip::address_v4::loopback(), current->port()};
    return answering(std::vector{at});
  };
  client http{loop_.get_executor(), asking};
  EXPECT_EQ(told(http), "kept");
  EXPECT_EQ(told(http), "closed");
  EXPECT_EQ(lookups, 1) << "a connection that is kept needs no name";
  current = &there;
  EXPECT_EQ(told(http), "kept");
  EXPECT_EQ(lookups, 2);
  EXPECT_EQ(here.connections(), 1);
  EXPECT_EQ(there.connections(), 1);
}

TEST_F(http_connect, tells_a_name_that_does_not_exist) {
  auto asking = options({false, "nowhere.example", 80});
  asking.pool.lookup = [](const origin&, steady_clock::time_point) {
    return answering(error{error_kind::resolve, "no such name"});
  };
  client http{loop_.get_executor(), asking};
  const auto answer = ask(http);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, error_kind::resolve);
}

}  // namespace
}  // namespace ingestor::http
