#include "s3/pacer.hpp"

#include "await_on.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <thread>

namespace ingestor::s3 {
namespace {

namespace asio = boost::asio;
using std::chrono::steady_clock;

asio::awaitable<void> wait_first(std::shared_ptr<pacer> in, bool& done) {
  done = co_await in->turn() == pacer::ending::mine;
}

TEST(pacer, lets_through_at_once_whose_turn_has_come_in_the_meantime) {
  asio::io_context loop;
  const auto line = std::make_shared<pacer>(loop.get_executor());
  // All are held for a second, and then there is no spacing.
  line->throttled(steady_clock::now(), std::chrono::seconds{1});
  line->succeeded();
  bool first = false;
  asio::co_spawn(loop, wait_first(line, first), asio::detached);
  loop.poll();
  ASSERT_FALSE(first);
  // The loop is busy when the second is over, so that whoever comes next finds the line due.
  std::this_thread::sleep_for(std::chrono::milliseconds{1'100});
  const auto begun = steady_clock::now();
  EXPECT_EQ(testing_support::await_on(loop, line->turn()), pacer::ending::mine);
  EXPECT_LT(steady_clock::now() - begun, std::chrono::seconds{10});
  EXPECT_TRUE(first);
}

}  // namespace
}  // namespace ingestor::s3
