#include "telemetry/page/verdict.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ingestor::telemetry::page {
namespace {

using ::testing::HasSubstr;

const timestamp noon{std::chrono::seconds{1'767'268'800}};

class page_verdict : public ::testing::Test {
 protected:
  page_verdict() {
    now.state = run_state::running;
    now.now = noon;
    now.ledger = &ledger;
    now.last_hour = &last_hour;
  }

  /// A backlog that went so in the last five minutes.
  void backlog(double before, double after) {
    last_hour = {};
    for (int i = 0; i <= 30; ++i) {
      const auto at = noon - std::chrono::seconds{10} * (30 - i);
      last_hour.add({at, 0, 0, std::nullopt, before + (after - before) * i / 30});
    }
    ledger.files.pending = static_cast<std::uint64_t>(after);
  }

  std::string_view headline() const { return judge(now).headline; }

  snapshot now;
  ledger_figures ledger;
  history last_hour;
};

TEST_F(page_verdict, has_few_words_for_each_state) {
  EXPECT_EQ(headline(), "Up to date");
  ledger.files.failed = 1;
  EXPECT_EQ(headline(), "Up to date, but for failed files");
  ledger.files.processing = 1;
  EXPECT_EQ(headline(), "Keeping up");
  ledger.files.pending = 4;
  ledger.oldest_pending_age = 20;
  EXPECT_EQ(headline(), "Keeping up");
  EXPECT_THAT(judge(now).detail, HasSubstr("4 files wait, the oldest for 20s."));
  now.s3 = ongoing_trouble{"x", 1};
  EXPECT_EQ(headline(), "S3 cannot be used");
  now.database = ongoing_trouble{"x", 1};
  EXPECT_EQ(headline(), "The database cannot be used");
  now.state = run_state::stopping;
  EXPECT_EQ(headline(), "Stopping");
}

TEST_F(page_verdict, knows_where_a_backlog_is_going) {
  ledger.oldest_pending_age = 600;
  backlog(100, 400);
  EXPECT_EQ(headline(), "Falling behind");
  backlog(400, 100);
  EXPECT_EQ(headline(), "Catching up");
  EXPECT_THAT(judge(now).detail, HasSubstr("they are done in 1m 40s."));
  backlog(400, 399);
  EXPECT_EQ(headline(), "Files are waiting");
  ledger.files.processing = 1;
  EXPECT_EQ(headline(), "Working through a backlog");
}

TEST_F(page_verdict, wants_more_than_a_moment_to_see_a_direction) {
  EXPECT_FALSE(backlog_growth(last_hour, noon));
  last_hour.add({noon - std::chrono::seconds{20}, 0, 0, std::nullopt, 1});
  last_hour.add({noon, 0, 0, std::nullopt, 1000});
  EXPECT_FALSE(backlog_growth(last_hour, noon));
  last_hour.add({noon + std::chrono::seconds{60}, 0, 0, std::nullopt, std::nullopt});
  EXPECT_FALSE(backlog_growth(last_hour, noon + std::chrono::seconds{60}));
  last_hour.add({noon + std::chrono::seconds{80}, 0, 0, std::nullopt, 501});
  EXPECT_DOUBLE_EQ(*backlog_growth(last_hour, noon + std::chrono::seconds{80}), 5);
}

TEST_F(page_verdict, adds_up_the_speed_of_those_that_are_alive) {
  replica_report report;
  report.rows_per_second = 10;
  now.replica = "own";
  now.own.rows_per_second = 11;
  ledger.replicas = {{"own", 0, {}, report}, {"other", 0, {}, report}};
  report.age_seconds = 100;
  ledger.replicas.push_back({"dead", 0, {}, report});
  EXPECT_DOUBLE_EQ(speed_of_all(now).rows_per_second, 21);
  EXPECT_EQ(speed_of_all(now).replicas, 2U);
}

}  // namespace
}  // namespace ingestor::telemetry::page
