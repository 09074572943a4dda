#include "config/redact.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace ingestor::config {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(redact, leaves_a_url_without_password_alone) {
  for (const std::string url :
       {"postgresql://db/logs", "postgresql://u@db:5432,db2:5433/logs?sslmode=require",
        "postgresql://u@[::1]:5432/logs", "http://127.0.0.1:4566",
        "postgres:///logs?host=/run/pg"}) {
    EXPECT_EQ(redact_url(url), url);
  }
}

TEST(redact, hides_the_password_of_a_url) {
  EXPECT_EQ(redact_url("postgresql://u:hunter2@db/logs"), "postgresql://u:***@db/logs");
  EXPECT_EQ(redact_url("postgresql://db/logs?user=u&password=hunter2&sslmode=require"),
            "postgresql://db/logs?user=***&password=***&sslmode=require");
}

TEST(redact, hides_the_password_of_malformed_urls_too) {
  for (const std::string url :
       {"postgresql://u:hunter2@x/@db/logs", "postgresql://u:p@hunter2@db",
        "postgresql://u:hunter2", "postgresql://u:hunter2/db", "postgresql://u:/hunter2@db/logs",
        "postgresql://u:?hunter2#@db/logs", "postgresql://u@db/logs?password=hunter2@x",
        "postgresql://u@db/logs?pass%77ord=hunter2", "postgresql://db/logs?hunter2",
        "host=db password=hunter2", "u:hunter2@db", "postgresql:/u:hunter2@db/logs",
        "postgresql://db/logs?sslpassword=hunter2", "postgresql://u:5:hunter2@db"}) {
    EXPECT_THAT(redact_url(url), Not(HasSubstr("hunter2"))) << url;
  }
}

TEST(redact, shows_as_much_as_the_visibility_allows) {
  EXPECT_EQ(redact("hunter2", visibility::hidden), "***");
  EXPECT_EQ(redact("AKIAIOSFODNN7EXAMPLE", visibility::last_four), "***MPLE");
  EXPECT_EQ(redact("short", visibility::last_four), "***");
  EXPECT_EQ(redact("logs/", visibility::shown), "logs/");
}

TEST(redact, keeps_a_value_to_one_line_of_bounded_length) {
  EXPECT_EQ(redact("a\n\x1b[2Jb", visibility::shown), "a\\x0a\\x1b[2Jb");
  const auto cut = redact(std::string(1000, 'x'), visibility::shown);
  EXPECT_EQ(cut, std::string(shown_bytes_max, 'x') + "…");
}

TEST(redact, does_not_cut_through_a_character) {
  const auto cut = redact(std::string(shown_bytes_max - 1, 'x') + "€€", visibility::shown);
  EXPECT_EQ(cut, std::string(shown_bytes_max - 1, 'x') + "€…");
}

}  // namespace
}  // namespace ingestor::config
