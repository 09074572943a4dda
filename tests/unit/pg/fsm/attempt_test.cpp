#include "pg/fsm/attempt.hpp"

#include <gtest/gtest.h>

namespace ingestor::pg::fsm {
namespace {

using namespace std::chrono_literals;

connection_options two_servers(session_attributes target) {
  connection_options options;
  options.servers = {{"a", 1}, {"b", 2}};
  options.target = target;
  return options;
}

TEST(attempts, go_over_the_servers_in_order) {
  const auto all = attempts(two_servers(session_attributes::read_write));
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].server.host, "a");
  EXPECT_EQ(all[1].server.host, "b");
  EXPECT_EQ(all[1].target, session_attributes::read_write);
}

TEST(attempts, prefer_standby_takes_any_in_a_second_pass) {
  const auto all = attempts(two_servers(session_attributes::prefer_standby));
  ASSERT_EQ(all.size(), 4U);
  EXPECT_EQ(all[1].target, session_attributes::standby);
  EXPECT_EQ(all[2].target, session_attributes::any);
  EXPECT_EQ(all[2].server.host, "a");
}

TEST(share, leaves_time_for_the_servers_that_follow) {
  EXPECT_EQ(share(9s, 3), 3s);
  EXPECT_EQ(share(9s, 1), 9s);
  EXPECT_EQ(share(9s, 0), 9s);
}

TEST(share_of_address, is_no_more_than_connect_timeout) {
  EXPECT_EQ(share_of_address(9s, 3, 0s), 3s);
  EXPECT_EQ(share_of_address(9s, 3, 2s), 2s);
  EXPECT_EQ(share_of_address(9s, 3, 5s), 3s) << "the addresses that follow get some time";
  EXPECT_EQ(share_of_address(9s, 1, 20s), 9s);
}

TEST(limit_of_all, leaves_connect_timeout_whole) {
  EXPECT_EQ(limit_of_all(10s, 3, 0s), 10s);
  EXPECT_EQ(limit_of_all(10s, 3, 2s), 10s);
  EXPECT_EQ(limit_of_all(10s, 3, 20s), 60s);
}

TEST(try_next, only_when_another_server_may_do_better) {
  EXPECT_TRUE(try_next(make_error(error_category::connection, "")));
  EXPECT_TRUE(try_next(make_error(error_category::shutdown, "")));
  EXPECT_TRUE(try_next(make_error(error_category::timeout, "")));
  EXPECT_FALSE(try_next(make_error(error_category::authentication, "")));
  EXPECT_FALSE(try_next(make_error(error_category::configuration, "")));
  EXPECT_FALSE(try_next(make_error(error_category::protocol_violation, "")));
}

TEST(combined, tells_what_every_server_said) {
  auto first = make_error(error_category::timeout, "no answer");
  first.server = "a:1";
  auto second = make_error(error_category::connection, "refused");
  second.server = "b:2";
  const auto both = combined({first, second});
  EXPECT_EQ(both.text(), "a:1: no answer; b:2: refused");
  EXPECT_EQ(both.category, error_category::connection);
  EXPECT_EQ(combined({first}).text(), "no answer; on a:1");
}

TEST(combined, tells_what_every_address_said) {
  const server_address db{"db", 5432};
  auto first = make_error(error_category::timeout, "no answer");
  first.server = "10.0.0.1";
  auto second = make_error(error_category::connection, "refused");
  second.server = "::1";
  EXPECT_EQ(combined(db, {first, second}).text(),
            "no answer (10.0.0.1), refused (::1); on db:5432");
  EXPECT_EQ(combined(db, {first, second}).category, error_category::connection);
  EXPECT_EQ(combined(db, {first}).text(), "no answer; on db:5432 (10.0.0.1)");
  EXPECT_EQ(combined({"10.0.0.1", 1}, {first}).text(), "no answer; on 10.0.0.1:1");
  EXPECT_EQ(combined(db, {make_error(error_category::connection, "no such name")}).text(),
            "no such name; on db:5432");
}

}  // namespace
}  // namespace ingestor::pg::fsm
