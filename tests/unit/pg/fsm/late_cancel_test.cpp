#include "pg/fsm/late_cancel.hpp"

#include <gtest/gtest.h>

namespace ingestor::pg::fsm {
namespace {

using risk = late_cancel::risk;

TEST(late_cancel, is_settled_by_what_is_sent_after_the_server_took_note) {
  late_cancel requests;
  EXPECT_EQ(requests.current(), risk::none);
  const auto under_way = requests.mark();
  requests.sent();
  EXPECT_EQ(requests.current(), risk::for_ever) << "as long as nobody took note of it";
  requests.taken();
  requests.answered(under_way);
  EXPECT_EQ(requests.current(), risk::until_answered) << "that was sent before";
  requests.answered(requests.mark());
  EXPECT_EQ(requests.current(), risk::none);
}

TEST(late_cancel, one_that_nobody_took_note_of_is_never_settled) {
  late_cancel requests;
  requests.sent();
  requests.sent();
  requests.taken();
  requests.answered(requests.mark());
  EXPECT_EQ(requests.current(), risk::for_ever);
}

TEST(late_cancel, a_second_one_during_the_round_trip_needs_another) {
  late_cancel requests;
  requests.sent();
  requests.taken();
  const auto round_trip = requests.mark();
  requests.sent();
  requests.taken();
  requests.answered(round_trip);
  EXPECT_EQ(requests.current(), risk::until_answered);
  requests.answered(requests.mark());
  requests.answered(round_trip);
  EXPECT_EQ(requests.current(), risk::none);
}

}  // namespace
}  // namespace ingestor::pg::fsm
