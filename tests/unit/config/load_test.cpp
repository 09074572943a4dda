#include "config/load.hpp"

#include "variables_set.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace ingestor::config {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

result<settings, std::vector<mistake>> load_from(const variables_set& set, needs what = {}) {
  return load(environment_of(set), a_host, what);
}

std::vector<std::string> mistakes_of(const variables_set& set, needs what = {}) {
  std::vector<std::string> out;
  const auto loaded = load_from(set, what);
  if (loaded) return out;
  for (const auto& wrong : loaded.error()) out.push_back(text_of(wrong));
  return out;
}

TEST(load, has_the_documented_defaults) {
  const auto loaded = load_from(complete());
  ASSERT_TRUE(loaded);
  const auto& is = *loaded;
  EXPECT_EQ(is.db_pool_size, 4U);
  EXPECT_EQ(is.batch_size, 100U);
  EXPECT_EQ(is.poll_interval, 30s);
  EXPECT_EQ(is.lease, 60s);
  EXPECT_EQ(is.max_attempts, 5);
  EXPECT_EQ(is.retry_backoff, 30s);
  EXPECT_EQ(is.line_bytes_max, 16U << 20U);
  EXPECT_EQ(is.object_bytes_max, 0U);
  EXPECT_DOUBLE_EQ(is.reject_share_max, 1);
  EXPECT_EQ(is.on_overwrite, overwrite::ignore);
  EXPECT_EQ(is.http_listen, (listen_address{"0.0.0.0", 8080}));
  EXPECT_EQ(is.shutdown_grace, 25s);
  EXPECT_EQ(is.chunk_interval, 24h);
  EXPECT_EQ(is.retention, std::nullopt);
  EXPECT_EQ(is.compress_after, std::nullopt);
  EXPECT_EQ(is.replica, "web-1-4711");
  EXPECT_TRUE(is.migrate);
  EXPECT_EQ(is.level, log_level::info);
  EXPECT_EQ(is.format, log_format::readable);
}

TEST(load, reads_s3_and_the_database) {
  const auto loaded = load_from(complete({{"AWS_S3_KEY", "app/2026 ü/"},
                                          {"AWS_ENDPOINT", "http://127.0.0.1:9000"},
                                          {"AWS_SESSION_TOKEN", "tok/en+="},
                                          {"AWS_CA_BUNDLE", "/etc/ca.pem"}}));
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->s3.bucket, "my-logs");
  EXPECT_EQ(loaded->s3.region, "eu-west-1");
  EXPECT_EQ(loaded->s3.prefix, "app/2026 ü/");
  EXPECT_EQ(loaded->s3.endpoint, (aws::endpoint{false, "127.0.0.1", 9000}));
  EXPECT_EQ(loaded->s3.credentials.keys.access_key_id, "AKIAIOSFODNN7EXAMPLE");
  EXPECT_EQ(loaded->s3.credentials.keys.secret_access_key, secret{"wJalrXUtnFEMI"});
  EXPECT_EQ(loaded->s3.credentials.keys.session_token, secret{"tok/en+="});
  EXPECT_EQ(loaded->s3.ca_bundle, "/etc/ca.pem");
  ASSERT_EQ(loaded->database.servers.size(), 1U);
  EXPECT_EQ(loaded->database.servers.front().host, "db.example");
  EXPECT_EQ(loaded->database.servers.front().port, 5433);
  EXPECT_EQ(loaded->database.user, "ingestor");
  EXPECT_EQ(loaded->database.password, secret{"pg-pass"});
  EXPECT_EQ(loaded->database.database, "logs");
}

TEST(load, reads_every_variable_of_its_own) {
  const auto loaded = load_from(complete({{"INGESTOR_DB_POOL_SIZE", "7"},
                                          {"INGESTOR_BATCH_SIZE", "1000"},
                                          {"INGESTOR_POLL_INTERVAL", "500ms"},
                                          {"INGESTOR_LEASE", "2m"},
                                          {"INGESTOR_MAX_ATTEMPTS", "1"},
                                          {"INGESTOR_RETRY_BACKOFF", "0s"},
                                          {"INGESTOR_MAX_LINE", "64KiB"},
                                          {"INGESTOR_MAX_OBJECT", "1GiB"},
                                          {"INGESTOR_REJECT_LIMIT", "2.5%"},
                                          {"INGESTOR_ON_OVERWRITE", "replace"},
                                          {"INGESTOR_REQUESTER_PAYS", "on"},
                                          {"INGESTOR_HTTP_LISTEN", "[::]:9090"},
                                          {"INGESTOR_SHUTDOWN_GRACE", "5s"},
                                          {"INGESTOR_CHUNK_INTERVAL", "6h"},
                                          {"INGESTOR_RETENTION", "90d"},
                                          {"INGESTOR_COMPRESS_AFTER", "7d"},
                                          {"INGESTOR_REPLICA", "blue"},
                                          {"INGESTOR_MIGRATE", "off"},
                                          {"LOG_LEVEL", "warn"},
                                          {"NODE_ENV", "production"}}));
  ASSERT_TRUE(loaded);
  const auto& is = *loaded;
  EXPECT_EQ(is.db_pool_size, 7U);
  EXPECT_EQ(is.batch_size, 1000U);
  EXPECT_EQ(is.poll_interval, 500ms);
  EXPECT_EQ(is.lease, 2min);
  EXPECT_EQ(is.max_attempts, 1);
  EXPECT_EQ(is.retry_backoff, 0ms);
  EXPECT_EQ(is.line_bytes_max, 65536U);
  EXPECT_EQ(is.object_bytes_max, 1U << 30U);
  EXPECT_DOUBLE_EQ(is.reject_share_max, 0.025);
  EXPECT_EQ(is.on_overwrite, overwrite::replace);
  EXPECT_TRUE(is.s3.requester_pays);
  EXPECT_EQ(is.http_listen, (listen_address{"::", 9090}));
  EXPECT_EQ(is.shutdown_grace, 5s);
  EXPECT_EQ(is.chunk_interval, 6h);
  EXPECT_EQ(is.retention, 90 * 24h);
  EXPECT_EQ(is.compress_after, 7 * 24h);
  EXPECT_EQ(is.replica, "blue");
  EXPECT_FALSE(is.migrate);
  EXPECT_EQ(is.level, log_level::warn);
  EXPECT_EQ(is.format, log_format::json);
}

TEST(load, reads_the_switches_of_awss_endpoints) {
  const auto loaded = load_from(
      complete({{"AWS_USE_DUALSTACK_ENDPOINT", "true"}, {"AWS_USE_FIPS_ENDPOINT", "True"}}));
  ASSERT_TRUE(loaded);
  EXPECT_TRUE(loaded->s3.dual_stack);
  EXPECT_TRUE(loaded->s3.fips);
  const auto off = load_from(
      complete({{"AWS_USE_DUALSTACK_ENDPOINT", "false"}, {"AWS_ENDPOINT", "http://127.0.0.1"}}));
  ASSERT_TRUE(off);
  EXPECT_FALSE(off->s3.dual_stack);
  EXPECT_THAT(mistakes_of(complete({{"AWS_USE_FIPS_ENDPOINT", "1"}})),
              ElementsAre(AllOf(StartsWith("AWS_USE_FIPS_ENDPOINT: "), HasSubstr("true, false"))));
}

TEST(load, refuses_the_switches_of_awss_endpoints_at_another_one) {
  EXPECT_THAT(
      mistakes_of(complete({{"AWS_USE_DUALSTACK_ENDPOINT", "true"},
                            {"AWS_USE_FIPS_ENDPOINT", "true"},
                            {"AWS_ENDPOINT_URL", "http://127.0.0.1:9000"}})),
      ElementsAre(AllOf(StartsWith("AWS_USE_DUALSTACK_ENDPOINT: "), HasSubstr("AWS_ENDPOINT_URL,")),
                  AllOf(StartsWith("AWS_USE_FIPS_ENDPOINT: "), HasSubstr("AWS_ENDPOINT_URL,"))));
}

TEST(load, ignores_configured_endpoint_urls_where_told_to) {
  const std::pair<const std::string, std::string> ignore{"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
                                                         "true"};
  const auto aws = load_from(complete({ignore,
                                       {"AWS_ENDPOINT_URL", "http://127.0.0.1:9000"},
                                       {"AWS_ENDPOINT_URL_S3", "not looked at"},
                                       {"AWS_USE_FIPS_ENDPOINT", "true"}}));
  ASSERT_TRUE(aws);
  EXPECT_FALSE(aws->s3.endpoint);
  const auto own = load_from(complete({ignore, {"AWS_ENDPOINT", "http://127.0.0.1:9000"}}));
  ASSERT_TRUE(own);
  EXPECT_TRUE(own->s3.endpoint);
}

TEST(load, takes_every_name_of_a_level) {
  const std::vector<std::pair<std::string, log_level>> names{
      {"error", log_level::error}, {"warn", log_level::warn},     {"log", log_level::info},
      {"info", log_level::info},   {"debug", log_level::debug},   {"verbose", log_level::trace},
      {"trace", log_level::trace}, {"VERBOSE", log_level::trace},
  };
  for (const auto& [name, level] : names) {
    const auto loaded = load_from(complete({{"LOG_LEVEL", name}}));
    ASSERT_TRUE(loaded) << name;
    EXPECT_EQ(loaded->level, level) << name;
  }
}

TEST(load, logs_json_in_production_only) {
  for (const auto* const stage : {"development", "test", "staging", ""}) {
    EXPECT_EQ(load_from(complete({{"NODE_ENV", stage}}))->format, log_format::readable) << stage;
  }
}

TEST(load, takes_empty_for_unset) {
  const auto loaded = load_from(complete({{"INGESTOR_BATCH_SIZE", ""},
                                          {"INGESTOR_HTTP_LISTEN", ""},
                                          {"INGESTOR_REPLICA", ""},
                                          {"AWS_ENDPOINT", ""}}));
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->batch_size, 100U);
  EXPECT_TRUE(loaded->http_listen);
  EXPECT_EQ(loaded->replica, "web-1-4711");
  EXPECT_FALSE(loaded->s3.endpoint);
  EXPECT_THAT(mistakes_of(complete({{"AWS_REGION", ""}})),
              ElementsAre(StartsWith("AWS_REGION: is required")));
}

TEST(load, can_turn_http_off) {
  const auto loaded = load_from(complete({{"INGESTOR_HTTP_LISTEN", "off"}}));
  ASSERT_TRUE(loaded);
  EXPECT_FALSE(loaded->http_listen);
}

struct refusal {
  const char* variable;
  const char* value;
  const char* accepted;
};

class load_refuses : public ::testing::TestWithParam<refusal> {};

TEST_P(load_refuses, and_names_the_variable_the_value_and_what_is_accepted) {
  const auto& [variable, value, accepted] = GetParam();
  EXPECT_THAT(mistakes_of(complete({{variable, value}})),
              ElementsAre(AllOf(StartsWith(std::string{variable} + ": "),
                                HasSubstr('"' + std::string{value} + '"'), HasSubstr(accepted))));
}

INSTANTIATE_TEST_SUITE_P(
    every_variable, load_refuses,
    ::testing::Values(
        refusal{"AWS_S3_BUCKET", "s3://my-logs", "a bucket's name alone"},
        refusal{"AWS_REGION", "eu west", "a region's name such as eu-west-1"},
        refusal{"AWS_ENDPOINT", "localhost:4566", "http:// or https://"},
        refusal{"INGESTOR_DB_POOL_SIZE", "0", "a whole number from 1 to 100"},
        refusal{"INGESTOR_DB_POOL_SIZE", "101", "a whole number from 1 to 100"},
        refusal{"INGESTOR_BATCH_SIZE", "1001", "a whole number from 1 to 1000"},
        refusal{"INGESTOR_BATCH_SIZE", "ten", "a whole number from 1 to 1000"},
        refusal{"INGESTOR_POLL_INTERVAL", "30", "a duration from 100ms to 7d"},
        refusal{"INGESTOR_LEASE", "0s", "a duration from 1s to 1d"},
        refusal{"INGESTOR_MAX_ATTEMPTS", "-1", "a whole number from 1 to 1000"},
        refusal{"INGESTOR_RETRY_BACKOFF", "61m", "a duration from 0ms to 1h"},
        refusal{"INGESTOR_MAX_LINE", "16MB", "a size from 1 to 256MiB"},
        refusal{"INGESTOR_MAX_OBJECT", "none", "a size from 0 to 1024TiB"},
        refusal{"INGESTOR_REJECT_LIMIT", "0.5", "a percentage from 0% to 100%"},
        refusal{"INGESTOR_ON_OVERWRITE", "fail", "one of ignore, replace"},
        refusal{"INGESTOR_HTTP_LISTEN", "8080", "off, or an address and a port"},
        refusal{"INGESTOR_SHUTDOWN_GRACE", "forever", "a duration from 0ms to 1h"},
        refusal{"INGESTOR_CHUNK_INTERVAL", "1s", "a duration from 1m to 3650d"},
        refusal{"INGESTOR_RETENTION", "1m", "off, or a duration from 1h to 36500d"},
        refusal{"INGESTOR_COMPRESS_AFTER", "on", "off, or a duration from 1h to 36500d"},
        refusal{"INGESTOR_REPLICA", " replica", "ASCII characters, without spaces at either end"},
        refusal{"INGESTOR_MIGRATE", "no", "one of on, off"},
        refusal{"LOG_LEVEL", "loud", "one of error, warn, log, info, debug, verbose, trace"}));

TEST(load, lists_all_mistakes_together) {
  EXPECT_THAT(
      mistakes_of({{"INGESTOR_BATCH_SIZE", "0"}, {"LOG_LEVEL", "loud"}}),
      ElementsAre(StartsWith("DATABASE_URL: is required"), StartsWith("AWS_S3_BUCKET: is required"),
                  StartsWith("AWS_REGION: is required"),
                  "INGESTOR_BATCH_SIZE: \"0\" is not valid; use a whole number from 1 to "
                  "1000",
                  StartsWith("LOG_LEVEL: \"loud\" is not valid; use one of")));
}

TEST(load, never_shows_a_secret) {
  const auto set = complete({{"AWS_ACCESS_KEY_ID", "hunter2 with spaces"},
                             {"AWS_SECRET_ACCESS_KEY", "hunter2\n"},
                             {"AWS_SESSION_TOKEN", "hunter2\r\nX-Evil: 1"},
                             {"AWS_ENDPOINT", "http://u:hunter2@127.0.0.1:9000"},
                             {"DATABASE_URL", "postgresql://u:hunter2@x/@db/logs?bad=hunter2"}});
  const auto found = mistakes_of(set);
  EXPECT_GE(found.size(), 5U);
  for (const auto& text : found) EXPECT_THAT(text, Not(HasSubstr("hunter2")));
}

TEST(load, takes_the_endpoint_by_precedence) {
  const auto endpoint_of = [](const variables_set& set) {
    const auto loaded = load_from(set);
    return loaded && loaded->s3.endpoint ? loaded->s3.endpoint->host : std::string{"none"};
  };
  auto set = complete({{"AWS_ENDPOINT_URL", "http://third"}});
  EXPECT_EQ(endpoint_of(set), "third");
  set["AWS_ENDPOINT_URL_S3"] = "http://second";
  EXPECT_EQ(endpoint_of(set), "second");
  set["AWS_ENDPOINT"] = "http://first";
  EXPECT_EQ(endpoint_of(set), "first");
  set["AWS_ENDPOINT"] = "nonsense";
  EXPECT_THAT(mistakes_of(set), ElementsAre(StartsWith("AWS_ENDPOINT: \"")));
}

TEST(load, looks_only_at_what_a_command_needs) {
  EXPECT_TRUE(load_from({}, {.database = false, .s3 = s3_need::nothing}));
  EXPECT_TRUE(
      load_from({{"DATABASE_URL", "nonsense"}}, {.database = false, .s3 = s3_need::nothing}));
  EXPECT_TRUE(load_from({{"DATABASE_URL", "postgresql://db/logs"}}, {.s3 = s3_need::nothing}));
  EXPECT_THAT(mistakes_of({{"DATABASE_URL", "postgresql://db/logs"}}, {.database = false}),
              ElementsAre(StartsWith("AWS_S3_BUCKET"), StartsWith("AWS_REGION")));
  const needs ledger_only{.database = false, .s3 = s3_need::scope};
  EXPECT_THAT(mistakes_of({}, ledger_only), ElementsAre(StartsWith("AWS_S3_BUCKET")));
  const auto loaded =
      load_from({{"AWS_S3_BUCKET", "my-logs"}, {"AWS_S3_KEY", "app/"}}, ledger_only);
  EXPECT_EQ(loaded->s3.bucket, "my-logs");
  EXPECT_EQ(loaded->s3.prefix, "app/");
}

TEST(load, lists_every_mistake_in_the_database_url) {
  const auto found =
      mistakes_of(complete({{"DATABASE_URL", "postgresql://db:0/logs?sslmode=maybe"}}));
  EXPECT_GE(found.size(), 2U);
  for (const auto& text : found) EXPECT_THAT(text, StartsWith("DATABASE_URL: "));
}

TEST(load, takes_the_password_from_pgpassword) {
  auto set = complete({{"DATABASE_URL", "postgresql://db/logs"}, {"PGPASSWORD", "from-env"}});
  EXPECT_EQ(load_from(set)->database.password, secret{"from-env"});
  EXPECT_EQ(load_from(set)->database.user, "app");
  set["DATABASE_URL"] = "postgresql://u:from-url@db/logs";
  EXPECT_EQ(load_from(set)->database.password, secret{"from-url"});
}

TEST(load, the_password_file_is_the_one_that_is_named_or_the_users_own) {
  auto set = complete({{"DATABASE_URL", "postgresql://db/logs"}});
  EXPECT_EQ(load(environment_of(set), a_host)->database.passfile, "~app/.pgpass");
  set["PGPASSFILE"] = "/tmp/x";
  EXPECT_EQ(load(environment_of(set), a_host)->database.passfile, "/tmp/x");
}

}  // namespace
}  // namespace ingestor::config
