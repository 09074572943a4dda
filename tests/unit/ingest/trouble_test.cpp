#include "ingest/trouble.hpp"

#include "telemetry/log.hpp"
#include "telemetry/metrics.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <sys/mman.h>
#include <unistd.h>

namespace ingestor::ingest {
namespace {

using namespace std::chrono_literals;

class circuit : public ::testing::Test {
 protected:
  circuit() : lines_{options_} {}

  static telemetry::log_options quiet() {
    telemetry::log_options options{};
    options.fd = ::memfd_create("log", MFD_CLOEXEC);
    return options;
  }

  /// All that the log says.
  std::string told() {
    EXPECT_TRUE(lines_.flush(5s));
    std::string text(65536, '\0');
    const auto bytes = ::pread(options_.fd, text.data(), text.size(), 0);
    text.resize(bytes < 0 ? 0 : static_cast<std::size_t>(bytes));
    return text;
  }

  trouble::clock::time_point at(std::chrono::milliseconds time) const { return start_ + time; }

  /// As the metric has it.
  bool usable() const {
    return numbers_.text().find("ingestor_dependency_usable{dependency=\"database\"} 0") ==
           std::string::npos;
  }

  telemetry::log_options options_ = quiet();
  telemetry::log lines_;
  telemetry::metrics numbers_{"1"};
  telemetry::recorder telemetry_{lines_, numbers_};
  trouble database_{telemetry::dependency::database, telemetry_};
  trouble::clock::time_point start_ = trouble::clock::now();
};

TEST_F(circuit, ends_by_a_success_of_what_failed) {
  database_.failed(use::load, "permission denied for table log", at(0ms));
  EXPECT_FALSE(usable());
  database_.recovered(use::reach, at(1s));
  database_.recovered(use::ask, at(2s));
  EXPECT_TRUE(database_.active()) << "that it answers does not mean that it takes rows";
  database_.recovered(use::load, at(3s));
  EXPECT_FALSE(database_.active());
  EXPECT_TRUE(usable());
  EXPECT_EQ(database_.in_all(at(10s)), 3s);
}

TEST_F(circuit, any_success_shows_that_it_can_be_reached) {
  database_.failed(use::reach, "connection refused", at(0ms));
  database_.recovered(use::load, at(1s));
  EXPECT_FALSE(database_.active());
}

TEST_F(circuit, lasts_until_the_last_use_works_again) {
  database_.failed(use::load, "lost", at(0ms));
  database_.failed(use::ask, "lost", at(500ms));
  database_.recovered(use::load, at(1s));
  EXPECT_EQ(database_.lasting(at(2s)), 2s);
  database_.recovered(use::ask, at(3s));
  EXPECT_EQ(database_.lasting(at(4s)), 0s);
}

TEST_F(circuit, tells_each_other_error_once_and_not_too_many) {
  const auto lines_of = [](const std::string& text, const std::string& part) {
    std::size_t count = 0;
    for (auto found = text.find(part); found != std::string::npos;
         found = text.find(part, found + 1))
      ++count;
    return count;
  };
  for (int round = 0; round < 2; ++round) {
    for (int n = 0; n < 40; ++n) {
      database_.failed(use::ask, "lost " + std::to_string(n % 20), at(round * 10s + n * 1ms));
    }
    database_.recovered(use::ask, at(round * 10s + 1s));
  }
  const auto text = told();
  EXPECT_EQ(lines_of(text, "trouble began"), 2U);
  EXPECT_EQ(lines_of(text, "trouble goes on"), 2U * (telemetry::errors_told_max - 1));
  EXPECT_EQ(lines_of(text, "\"lost 1\""), 2U);
  EXPECT_EQ(lines_of(text, "seconds=1 failures=40\n"), 2U);
}

TEST_F(circuit, adds_up_what_it_lasts) {
  for (int n = 0; n < 3; ++n) {
    database_.failed(use::ask, "lost", at(n * 10s));
    database_.recovered(use::ask, at(n * 10s + 2s));
  }
  EXPECT_EQ(database_.in_all(at(60s)), 6s);
}

TEST_F(circuit, waits_longer_each_time_up_to_a_limit) {
  auto now = at(0ms);
  auto least = trouble::clock::duration{trouble::backoff_min} / 2;
  for (int n = 0; n < 12; ++n) {
    database_.failed(use::load, "lost", now);
    const auto wait = database_.wait(now);
    EXPECT_GE(wait, least);
    EXPECT_LE(wait, 2 * least);
    least = std::min<trouble::clock::duration>(least * 2, trouble::backoff_max / 2);
    now += wait;
  }
  EXPECT_EQ(least, trouble::backoff_max / 2);
}

TEST_F(circuit, goes_on_waiting_longer_when_a_success_was_an_exception) {
  auto now = at(0ms);
  for (int n = 0; n < 12; ++n) {
    database_.failed(use::load, "no space left", now);
    now += database_.wait(now);
    database_.recovered(use::load, now);
  }
  database_.failed(use::load, "no space left", now);
  EXPECT_GE(database_.wait(now), trouble::backoff_max / 2);
}

TEST_F(circuit, begins_with_a_short_wait_when_all_was_well_before) {
  auto now = at(0ms);
  for (int n = 0; n < 12; ++n) {
    database_.failed(use::load, "deadlock detected", now);
    EXPECT_LE(database_.wait(now), trouble::backoff_min);
    database_.recovered(use::load, now + 300ms);
    now += 1s;
  }
}

TEST_F(circuit, counts_one_failure_for_all_who_meet_it_together) {
  database_.failed(use::load, "lost", at(0ms));
  const auto wait = database_.wait(at(0ms));
  for (int n = 0; n < 10; ++n) database_.failed(use::load, "lost", at(1ms));
  EXPECT_EQ(database_.wait(at(0ms)), wait);
}

}  // namespace
}  // namespace ingestor::ingest
