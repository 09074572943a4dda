#include "config/describe.hpp"

#include "config/variables.hpp"
#include "variables_set.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

namespace ingestor::config {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

std::vector<shown> describe_set(const variables_set& set) {
  return describe(environment_of(set), a_host);
}

TEST(describe, says_where_each_value_is_from) {
  const auto all = describe_set(complete({{"INGESTOR_BATCH_SIZE", "7"}}));
  EXPECT_THAT(all, Contains(shown{"INGESTOR_BATCH_SIZE", "7", "environment"}));
  EXPECT_THAT(all, Contains(shown{"INGESTOR_LEASE", "60s", "default"}));
  EXPECT_THAT(all, Contains(shown{"INGESTOR_REPLICA", "web-1-4711", "default"}));
  EXPECT_THAT(all, Contains(shown{"AWS_S3_KEY", "", "not set"}));
  EXPECT_THAT(all, Contains(shown{"AWS_ENDPOINT", "", "not set"}));
}

TEST(describe, names_the_variable_that_the_endpoint_is_from) {
  auto set = complete({{"AWS_ENDPOINT_URL_S3", "http://minio:9000"}});
  EXPECT_THAT(describe_set(set),
              Contains(shown{"AWS_ENDPOINT", "http://minio:9000", "AWS_ENDPOINT_URL_S3"}));
  set["AWS_ENDPOINT"] = "http://localhost:4566";
  EXPECT_THAT(describe_set(set),
              Contains(shown{"AWS_ENDPOINT", "http://localhost:4566", "environment"}));
}

TEST(describe, hides_secrets) {
  const auto all = describe_set(complete({{"DATABASE_URL", "postgresql://u:hunter2@db/logs"},
                                          {"PGPASSWORD", "hunter2"},
                                          {"AWS_ACCESS_KEY_ID", "hunter2hunter2XXXX"},
                                          {"AWS_SECRET_ACCESS_KEY", "hunter2"},
                                          {"AWS_SESSION_TOKEN", "hunter2"},
                                          {"AWS_CONTAINER_AUTHORIZATION_TOKEN", "hunter2"}}));
  for (const auto& one : all) EXPECT_THAT(one.value, Not(HasSubstr("hunter2"))) << one.variable;
  EXPECT_THAT(all, Contains(shown{"DATABASE_URL", "postgresql://u:***@db/logs", "environment"}));
  EXPECT_THAT(all, Contains(shown{"AWS_ACCESS_KEY_ID", "***XXXX", "environment"}));
  EXPECT_THAT(all, Contains(shown{"PGPASSWORD", "***", "environment"}));
}

TEST(describe, says_what_this_version_does_not_support) {
  const std::string source = "environment, not supported by this version";
  EXPECT_THAT(describe_set(complete({{"INGESTOR_RETENTION", "90d"}})),
              Contains(shown{"INGESTOR_RETENTION", "90d", source}));
}

TEST(describe, shows_what_is_wrong_as_it_is) {
  EXPECT_THAT(describe_set({{"INGESTOR_BATCH_SIZE", "0"}}),
              Contains(shown{"INGESTOR_BATCH_SIZE", "0", "environment"}));
}

TEST(environment, is_that_of_the_process) {
  setenv("INGESTOR_UNIT_TEST", "here", 1);
  EXPECT_EQ(process_environment()("INGESTOR_UNIT_TEST"), "here");
  unsetenv("INGESTOR_UNIT_TEST");
  EXPECT_EQ(process_environment()("INGESTOR_UNIT_TEST"), std::nullopt);
}

TEST(environment, knows_its_host) {
  const auto host = this_host();
  EXPECT_FALSE(host.hostname.empty());
  EXPECT_GT(host.pid, 0);
}

}  // namespace
}  // namespace ingestor::config
