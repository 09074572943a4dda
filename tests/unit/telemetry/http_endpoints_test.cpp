#include "telemetry/http_endpoints.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace ingestor::telemetry {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class endpoints_test : public ::testing::Test {
 protected:
  http::response ask(std::string method, std::string path) {
    return pages_.answer({.method = std::move(method), .target = {}, .path = std::move(path)}, at_);
  }
  http::response get(std::string path) { return ask("GET", std::move(path)); }

  endpoint_sources sources() {
    return {.measure = [this] { ++measured_; },
            .ready = [this] { return ready_; },
            .now =
                [this] {
                  ++looked_;
                  return snapshot{};
                }};
  }

  endpoints_test() { ready_.state = run_state::running; }

  readiness ready_;
  int measured_ = 0;
  int looked_ = 0;
  endpoints::clock::time_point at_;
  metrics numbers_{"1"};
  endpoints pages_{numbers_, sources()};
};

TEST_F(endpoints_test, serve_the_metrics) {
  const auto got = get("/metrics");
  EXPECT_EQ(got.status, 200U);
  EXPECT_EQ(got.content_type, "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_THAT(got.body, HasSubstr("ingestor_build_info{version=\"1\"} 1\n"));
}

TEST_F(endpoints_test, serve_the_page) {
  const auto got = get("/");
  EXPECT_EQ(got.status, 200U);
  EXPECT_EQ(got.content_type, "text/html; charset=utf-8");
  EXPECT_THAT(got.body, StartsWith("<!doctype html>"));
}

TEST_F(endpoints_test, are_made_so_often_and_no_more) {
  numbers_.rows.Increment(1);
  for (int i = 0; i < 100; ++i) {
    EXPECT_THAT(get("/metrics").body, HasSubstr("ingestor_rows_total 1\n"));
    get("/");
  }
  EXPECT_EQ(measured_, 1);
  EXPECT_EQ(looked_, 1);
  numbers_.rows.Increment(1);
  at_ += endpoints::kept_for - std::chrono::milliseconds{1};
  EXPECT_THAT(get("/metrics").body, HasSubstr("ingestor_rows_total 1\n"));
  at_ += std::chrono::milliseconds{1};
  EXPECT_THAT(get("/metrics").body, HasSubstr("ingestor_rows_total 2\n"));
  get("/");
  EXPECT_EQ(measured_, 2);
  EXPECT_EQ(looked_, 2);
}

TEST_F(endpoints_test, look_at_nothing_to_say_how_they_are) {
  get("/healthz");
  get("/readyz");
  get("/nothing");
  EXPECT_EQ(measured_, 0);
  EXPECT_EQ(looked_, 0);
}

TEST_F(endpoints_test, are_healthy_whatever_happens_elsewhere) {
  ready_ = {.state = run_state::stopping, .s3_usable = false, .database_usable = false};
  EXPECT_EQ(get("/healthz").status, 200U);
}

TEST_F(endpoints_test, are_ready_only_while_everything_works) {
  EXPECT_EQ(get("/readyz").status, 200U);
  ready_.s3_usable = false;
  EXPECT_EQ(get("/readyz").status, 503U);
  EXPECT_EQ(get("/readyz").body, "S3 is unusable\n");
  ready_.s3_usable = true;
  ready_.database_usable = false;
  EXPECT_EQ(get("/readyz").status, 503U);
  EXPECT_EQ(get("/readyz").body, "the database is unusable\n");
  ready_.database_usable = true;
  ready_.state = run_state::starting;
  EXPECT_EQ(get("/readyz").body, "starting\n");
  ready_.state = run_state::stopping;
  EXPECT_EQ(get("/readyz").status, 503U);
}

TEST_F(endpoints_test, answer_nothing_else) {
  EXPECT_EQ(get("/nothing").status, 404U);
  EXPECT_EQ(get("/metrics/").status, 404U);
  EXPECT_EQ(get("").status, 404U);
  EXPECT_EQ(ask("POST", "/metrics").status, 405U);
  EXPECT_EQ(ask("HEAD", "/healthz").status, 200U);
}

}  // namespace
}  // namespace ingestor::telemetry
