#include "aws/cached_credentials.hpp"

#include "await_on.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <gtest/gtest.h>

#include <list>
#include <optional>
#include <string>

namespace ingestor::aws {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using testing_support::await_on;

/// Gives a new key at each fetch, at the time and with the life that the test chooses.
class scripted_provider final : public provider {
 public:
  asio::awaitable<result<fetched_credentials>> fetch() override {
    ++fetches;
    const auto number = fetches;
    const auto executor = co_await asio::this_coro::executor;
    asio::steady_timer timer{executor, takes};
    co_await timer.async_wait(asio::use_awaitable);
    if (fails) co_return error{error_kind::unreachable, "nobody is there"};
    fetched_credentials out{};
    out.given.keys.access_key_id = "ASIA" + std::to_string(number);
    if (life) out.given.expires = *now + *life;
    out.origin = "the test";
    out.fixed = fixed;
    co_return out;
  }

  const timestamp* now = nullptr;
  int fetches = 0;
  bool fails = false;
  bool fixed = false;
  std::chrono::milliseconds takes{1};
  std::optional<std::chrono::seconds> life;
};

class cached : public testing::Test {
 protected:
  cached() { places_->now = &now_; }

  std::shared_ptr<credentials_source> make() {
    cache_options options;
    options.now = [this] { return now_; };
    return cached_credentials(places_, std::move(options));
  }

  std::string get() { return key_of(await_on(loop_, source_->get())); }

  static std::string key_of(const result<credentials>& got) {
    return got ? got->access_key_id : got.error().message;
  }

  /// So many who ask at the same time.
  std::list<std::string> get_at_once(int count) {
    std::list<std::string> out;
    for (int i = 0; i < count; ++i) start(out, {});
    run_until([&] { return static_cast<int>(out.size()) == count; });
    return out;
  }

  void start(std::list<std::string>& into, asio::cancellation_slot slot) {
    asio::co_spawn(loop_, source_->get(),
                   asio::bind_cancellation_slot(
                       slot, [&into](const std::exception_ptr&, const result<credentials>& got) {
                         into.push_back(key_of(got));
                       }));
  }

  template <class Predicate>
  void run_until(const Predicate& reached) {
    loop_.restart();
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    while (!reached() && std::chrono::steady_clock::now() < deadline) {
      loop_.run_one_for(10ms);
      if (loop_.stopped()) loop_.restart();
    }
    EXPECT_TRUE(reached());
  }

  void let_fetch_end(int number) {
    run_until([&] { return places_->fetches >= number; });
    loop_.run_for(50ms);
  }

  asio::io_context loop_;
  timestamp now_{std::chrono::hours{500'000}};
  std::shared_ptr<scripted_provider> places_ = std::make_shared<scripted_provider>();
  std::shared_ptr<credentials_source> source_ = make();
};

TEST_F(cached, asks_once_for_what_does_not_expire) {
  EXPECT_EQ(source_->origin(), "");
  for (int i = 0; i < 100; ++i) EXPECT_EQ(get(), "ASIA1");
  now_ += 1000h;
  EXPECT_EQ(get(), "ASIA1");
  EXPECT_EQ(source_->origin(), "the test");
}

TEST_F(cached, makes_one_request_for_each_of_five_refreshes_of_a_thousand_requests) {
  places_->life = 1h;
  places_->takes = 20ms;
  std::size_t answered = 0;
  for (int round = 1; round <= 6; ++round) {
    const auto expected = "ASIA" + std::to_string(round);
    const auto at_once = get_at_once(100);
    for (const auto& key : at_once) EXPECT_EQ(key, expected);
    answered += at_once.size();
    for (int i = 0; i < 80; ++i, ++answered) EXPECT_EQ(get(), expected);
    EXPECT_EQ(places_->fetches, round);
    now_ += 51min;
  }
  EXPECT_GE(answered, 1000U);
}

TEST_F(cached, gives_the_old_ones_while_it_fetches_early) {
  places_->life = 1h;
  EXPECT_EQ(get(), "ASIA1");
  now_ += 44min;
  EXPECT_EQ(get(), "ASIA1");
  EXPECT_EQ(places_->fetches, 1);
  now_ += 2min;
  places_->takes = 30ms;
  EXPECT_EQ(get(), "ASIA1") << "without waiting";
  EXPECT_EQ(get(), "ASIA1");
  let_fetch_end(2);
  EXPECT_EQ(get(), "ASIA2");
  EXPECT_EQ(places_->fetches, 2);
}

TEST_F(cached, gives_the_old_ones_until_they_expire_while_fetching_fails) {
  places_->life = 1h;
  EXPECT_EQ(get(), "ASIA1");
  places_->fails = true;
  now_ += 55min;
  for (int i = 0; i < 10; ++i) EXPECT_EQ(get(), "ASIA1");
  EXPECT_EQ(places_->fetches, 2) << "the second attempt waits";
  now_ += 10s;
  for (int i = 0; i < 10; ++i) EXPECT_EQ(get(), "ASIA1");
  EXPECT_EQ(places_->fetches, 3);
  now_ += 5min;
  EXPECT_EQ(get(), "nobody is there");
  EXPECT_EQ(places_->fetches, 4);
  EXPECT_EQ(get(), "nobody is there");
  EXPECT_EQ(places_->fetches, 4);
  places_->fails = false;
  now_ += 10s;
  EXPECT_EQ(get(), "ASIA5");
}

TEST_F(cached, does_not_fetch_short_lived_ones_at_each_request) {
  places_->life = 60s;
  for (int i = 0; i < 40; ++i) {
    EXPECT_EQ(get(), "ASIA1");
    now_ += 1s;
  }
  EXPECT_EQ(places_->fetches, 1);
  now_ += 11s;
  EXPECT_EQ(get(), "ASIA2");
}

TEST_F(cached, fetches_once_for_refused_ones) {
  const auto first = await_on(loop_, source_->get());
  EXPECT_FALSE(source_->refused(*first)) << "they have just been fetched";
  now_ += 10s;
  EXPECT_TRUE(source_->refused(*first));
  EXPECT_TRUE(source_->refused(*first)) << "by another request";
  EXPECT_EQ(get(), "ASIA2");
  EXPECT_TRUE(source_->refused(*first)) << "there are others by now";
  EXPECT_EQ(get(), "ASIA2");
  EXPECT_EQ(places_->fetches, 2);
}

TEST_F(cached, waits_for_others_when_those_that_are_renewed_are_refused) {
  places_->life = 1h;
  const auto first = await_on(loop_, source_->get());
  now_ += 46min;
  places_->takes = 30ms;
  EXPECT_EQ(get(), "ASIA1");
  EXPECT_TRUE(source_->refused(*first));
  EXPECT_EQ(get(), "ASIA2");
  EXPECT_EQ(places_->fetches, 2);
}

TEST_F(cached, has_no_others_where_they_are_fixed) {
  places_->fixed = true;
  const auto only = await_on(loop_, source_->get());
  now_ += 10s;
  EXPECT_FALSE(source_->refused(*only));
  EXPECT_EQ(get(), "ASIA1");
}

TEST_F(cached, does_not_give_refused_ones_again_while_fetching_fails) {
  const auto first = await_on(loop_, source_->get());
  now_ += 10s;
  EXPECT_TRUE(source_->refused(*first));
  places_->fails = true;
  EXPECT_EQ(get(), "nobody is there");
}

TEST_F(cached, does_not_believe_in_what_has_expired_already) {
  places_->life = 0s;
  EXPECT_EQ(get(), "the test gave credentials that have expired; check this machine's clock");
}

TEST_F(cached, lets_one_give_up_and_goes_on_for_the_others) {
  places_->takes = 200ms;
  std::list<std::string> impatient;
  std::list<std::string> patient;
  asio::cancellation_signal stop;
  start(impatient, stop.slot());
  run_until([&] { return places_->fetches == 1; });
  now_ += 1min;
  start(patient, {});
  loop_.run_for(1ms);
  stop.emit(asio::cancellation_type::terminal);
  run_until([&] { return !impatient.empty(); });
  EXPECT_EQ(impatient.front(), "the wait for credentials was stopped");
  EXPECT_TRUE(patient.empty());
  run_until([&] { return !patient.empty(); });
  EXPECT_EQ(patient.front(), "ASIA1");
  EXPECT_EQ(places_->fetches, 1);
}

TEST_F(cached, goes_on_when_all_have_given_up) {
  places_->takes = 100ms;
  std::list<std::string> impatient;
  asio::cancellation_signal stop;
  start(impatient, stop.slot());
  run_until([&] { return places_->fetches == 1; });
  stop.emit(asio::cancellation_type::terminal);
  run_until([&] { return !impatient.empty(); });
  EXPECT_EQ(get(), "ASIA1");
  EXPECT_EQ(places_->fetches, 1);
}

TEST_F(cached, ends_its_fetch_with_itself) {
  places_->takes = 1h;
  std::list<std::string> answers;
  start(answers, {});
  run_until([&] { return places_->fetches == 1; });
  source_.reset();
  run_until([&] { return !answers.empty(); });
  EXPECT_EQ(answers.front(), "fetching credentials was stopped");
}

}  // namespace
}  // namespace ingestor::aws
