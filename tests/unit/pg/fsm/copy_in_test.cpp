#include "pg/fsm/copy_in.hpp"

#include "reply_scripts.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ingestor::pg::fsm {
namespace {

using testing::HasSubstr;

TEST(copy_in, compares_format_and_columns) {
  const auto start = [](const wire::copy_in_response& response,
                        std::optional<std::size_t> columns) {
    copy_in_replies handler{"copy", columns};
    session_state session;
    return handler.receive(frame_of(bytes_of(response)), session);
  };
  const auto binary = wire::format::binary;
  const auto text = wire::format::text;
  EXPECT_TRUE(start({binary, {binary}}, 1));
  EXPECT_TRUE(start({binary, {binary}}, std::nullopt));
  EXPECT_THAT(start({text, {text}}, 1).error().message, HasSubstr("not in binary format"));
  EXPECT_THAT(start({binary, {binary, text}}, 2).error().message,
              HasSubstr("not in binary format"));
  EXPECT_THAT(start({binary, {binary}}, 2).error().message,
              HasSubstr("wants 1 columns and the rows have 2"));
}

TEST(copy_in, an_error_stops_the_writing) {
  copy_in_replies handler{"copy"};
  session_state session;
  EXPECT_FALSE(handler.may_write()) << "not before the server is ready";
  play(handler, {}, session);
  const auto start = handler.receive(
      frame_of(bytes_of(wire::copy_in_response{wire::format::binary, {}})), session);
  ASSERT_TRUE(start);
  EXPECT_EQ(*start, next::proceed);
  EXPECT_TRUE(handler.may_write());
  ASSERT_TRUE(handler.receive(frame_of(server_error("22021", "bad")), session));
  EXPECT_FALSE(handler.may_write());
  EXPECT_FALSE(handler.finished());
  ASSERT_TRUE(handler.receive(frame_of(ready('I')), session));
  EXPECT_TRUE(handler.finished());
}

TEST(copy_in, only_its_own_end_makes_57014_what_was_asked_for) {
  const auto ended_by = [](void (copy_in_replies::*end)(), const char* sqlstate) {
    copy_in_replies handler{"copy"};
    session_state session;
    handler.receive(frame_of(bytes_of(wire::copy_in_response{wire::format::binary, {}})), session);
    (handler.*end)();
    handler.receive(frame_of(server_error(sqlstate, "no")), session);
    EXPECT_FALSE(handler.gave_up()) << "not before ReadyForQuery";
    handler.receive(frame_of(ready('I')), session);
    return handler.gave_up();
  };
  EXPECT_TRUE(ended_by(&copy_in_replies::give_up, "57014"));
  EXPECT_FALSE(ended_by(&copy_in_replies::give_up, "22021"));
  EXPECT_FALSE(ended_by(&copy_in_replies::end_of_data, "57014")) << "somebody cancelled it";
}

TEST(copy_in, what_was_given_up_cannot_be_counted) {
  copy_in_replies handler{"copy"};
  session_state session;
  handler.receive(frame_of(bytes_of(wire::copy_in_response{wire::format::binary, {}})), session);
  handler.give_up();
  EXPECT_FALSE(handler.receive(frame_of(bytes_of(wire::command_complete{"COPY 5"})), session));
}

TEST(copy_in, a_count_before_the_data_is_complete_is_a_violation) {
  copy_in_replies handler{"copy"};
  session_state session;
  handler.receive(frame_of(bytes_of(wire::copy_in_response{wire::format::binary, {}})), session);
  EXPECT_FALSE(handler.receive(frame_of(bytes_of(wire::command_complete{"COPY 5"})), session));
}

}  // namespace
}  // namespace ingestor::pg::fsm
