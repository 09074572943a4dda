#include "telemetry/http_endpoints.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace ingestor::telemetry {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class endpoints : public ::testing::Test {
 protected:
  http::response get(std::string path) {
    return route({.method = "GET", .target = {}, .path = std::move(path)}, now_, numbers_);
  }

  endpoints() { now_.state = run_state::running; }

  snapshot now_;
  metrics numbers_{"1"};
};

TEST_F(endpoints, serve_the_metrics) {
  const auto got = get("/metrics");
  EXPECT_EQ(got.status, 200U);
  EXPECT_EQ(got.content_type, "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_THAT(got.body, HasSubstr("ingestor_build_info{version=\"1\"} 1\n"));
}

TEST_F(endpoints, serve_the_page) {
  const auto got = get("/");
  EXPECT_EQ(got.status, 200U);
  EXPECT_EQ(got.content_type, "text/html; charset=utf-8");
  EXPECT_THAT(got.body, StartsWith("<!doctype html>"));
}

TEST_F(endpoints, are_healthy_whatever_happens_elsewhere) {
  now_.s3 = ongoing_trouble{"down", 1};
  now_.database = ongoing_trouble{"down", 1};
  now_.state = run_state::stopping;
  EXPECT_EQ(get("/healthz").status, 200U);
}

TEST_F(endpoints, are_ready_only_while_everything_works) {
  EXPECT_EQ(get("/readyz").status, 200U);
  now_.s3 = ongoing_trouble{"secret words", 1};
  EXPECT_EQ(get("/readyz").status, 503U);
  EXPECT_EQ(get("/readyz").body, "S3 is unusable\n");
  now_.s3.reset();
  now_.database = ongoing_trouble{"secret words", 1};
  EXPECT_EQ(get("/readyz").status, 503U);
  EXPECT_EQ(get("/readyz").body, "the database is unusable\n");
  now_.database.reset();
  now_.state = run_state::starting;
  EXPECT_EQ(get("/readyz").body, "starting\n");
  now_.state = run_state::stopping;
  EXPECT_EQ(get("/readyz").status, 503U);
}

TEST_F(endpoints, answer_nothing_else) {
  EXPECT_EQ(get("/nothing").status, 404U);
  EXPECT_EQ(get("/metrics/").status, 404U);
  EXPECT_EQ(get("").status, 404U);
  EXPECT_EQ(route({.method = "POST", .target = {}, .path = "/metrics"}, now_, numbers_).status,
            405U);
  EXPECT_EQ(route({.method = "HEAD", .target = {}, .path = "/healthz"}, now_, numbers_).status,
            200U);
}

}  // namespace
}  // namespace ingestor::telemetry
