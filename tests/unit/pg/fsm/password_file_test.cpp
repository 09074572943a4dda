#include "pg/fsm/password_file.hpp"

#include <gtest/gtest.h>

namespace ingestor::pg::fsm {
namespace {

/// The password for me@db:5432/logs; "-" for none.
std::string found_in(std::string_view file, const server_address& server = {"db", 5432}) {
  const auto password = find_password(file, server, "logs", "me");
  return password ? password->reveal() : "-";
}

TEST(password_file, the_first_line_that_fits_counts) {
  EXPECT_EQ(found_in("db:5432:logs:me:one\ndb:5432:logs:me:two\n"), "one");
  EXPECT_EQ(found_in("other:5432:logs:me:one\n*:*:*:*:two"), "two");
  EXPECT_EQ(found_in("db:*:logs:*:one"), "one");
  EXPECT_EQ(found_in("db:5433:logs:me:a\ndb:5432:x:me:b\ndb:5432:logs:you:c\n"), "-");
  EXPECT_EQ(found_in(""), "-");
}

TEST(password_file, lines_may_be_comments_or_nonsense) {
  EXPECT_EQ(found_in("# db:5432:logs:me:no\n\ndb\ndb:5432\ndb:5432:logs:me\n\ndb:5432:logs:me:yes"),
            "yes");
  EXPECT_EQ(found_in("db:5432:logs:me:windows\r\n"), "windows");
}

TEST(password_file, a_backslash_takes_the_meaning_from_what_follows) {
  EXPECT_EQ(found_in("db:5432:logs:me:a\\:b\\\\c"), "a:b\\c");
  EXPECT_EQ(found_in("d\\b:5432:logs:me:one"), "one");
  EXPECT_EQ(found_in("\\*:5432:logs:me:one"), "-") << "a server of the name *";
  EXPECT_EQ(found_in("fe80\\:\\:1:5432:logs:me:one", {"fe80::1", 5432}), "one");
  EXPECT_EQ(found_in("db:5432:logs:me:end\\"), "end\\");
}

TEST(password_file, a_password_ends_at_a_colon) {
  EXPECT_EQ(found_in("db:5432:logs:me:one:two"), "one");
}

TEST(password_file, the_default_socket_is_localhost) {
  const server_address usual{std::string{default_socket_directory}, 5432};
  EXPECT_EQ(found_in("localhost:5432:logs:me:one", usual), "one");
  const server_address other{"/run/other", 5432};
  EXPECT_EQ(found_in("localhost:5432:logs:me:one", other), "-");
  EXPECT_EQ(found_in("/run/other:5432:logs:me:one", other), "one");
}

}  // namespace
}  // namespace ingestor::pg::fsm
