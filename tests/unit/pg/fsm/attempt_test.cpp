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
  EXPECT_EQ(share(9s, 3, 0s), 3s);
  EXPECT_EQ(share(9s, 1, 0s), 9s);
  EXPECT_EQ(share(9s, 0, 0s), 9s);
  EXPECT_EQ(share(9s, 3, 5s), 5s) << "connect_timeout is for one server";
  EXPECT_EQ(share(9s, 3, 20s), 9s) << "but never beyond the deadline of all";
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

}  // namespace
}  // namespace ingestor::pg::fsm
