// What a server says about itself.
#include "pg/fsm/session_role.hpp"
#include "pg/fsm/session_state.hpp"
#include "reply_scripts.hpp"

#include <gtest/gtest.h>

namespace ingestor::pg::fsm {
namespace {

TEST(session_state, settings_without_end_meet_their_limit) {
  session_state session;
  result<bool> last{true};
  std::size_t seen = 0;
  for (; last && seen < 100'000; ++seen) {
    last = session.absorb(frame_of(bytes_of(wire::parameter_status{std::to_string(seen), "x"})));
  }
  EXPECT_FALSE(last);
  EXPECT_LT(seen, 2'000U);
  // The same one over and over takes no more than once.
  session_state another;
  for (int i = 0; i < 100'000; ++i) {
    ASSERT_TRUE(another.absorb(frame_of(bytes_of(wire::parameter_status{"TimeZone", "UTC"}))));
  }
}

TEST(session_state, the_clients_encoding_stays_utf8) {
  session_state session;
  const auto reported = [&session](const char* value) {
    const auto message = bytes_of(wire::parameter_status{"client_encoding", value});
    return session.absorb(frame_of(message));
  };
  EXPECT_TRUE(reported("UTF8"));
  const auto changed = reported("LATIN1");
  ASSERT_FALSE(changed);
  EXPECT_EQ(changed.error().category, error_category::protocol_violation);
}

TEST(role, what_the_server_reported_decides) {
  const auto judged = [](session_attributes wanted, const char* standby, const char* read_only) {
    session_state session;
    if (standby)
      session.absorb(frame_of(bytes_of(wire::parameter_status{"in_hot_standby", standby})));
    if (read_only) {
      session.absorb(
          frame_of(bytes_of(wire::parameter_status{"default_transaction_read_only", read_only})));
    }
    return judge(wanted, session);
  };
  using enum session_attributes;
  EXPECT_EQ(judged(any, nullptr, nullptr), verdict::suits);
  EXPECT_EQ(judged(read_write, nullptr, nullptr), verdict::ask);
  EXPECT_EQ(judged(read_write, "off", nullptr), verdict::ask);
  EXPECT_EQ(judged(read_write, "off", "off"), verdict::suits);
  EXPECT_EQ(judged(read_write, "off", "on"), verdict::does_not_suit);
  EXPECT_EQ(judged(read_write, "on", "off"), verdict::does_not_suit);
  EXPECT_EQ(judged(read_only, "on", "off"), verdict::suits);
  EXPECT_EQ(judged(read_only, "off", "off"), verdict::does_not_suit);
  EXPECT_EQ(judged(primary, "off", "on"), verdict::suits);
  EXPECT_EQ(judged(primary, "on", "on"), verdict::does_not_suit);
  EXPECT_EQ(judged(standby, "on", "off"), verdict::suits);
  EXPECT_EQ(judged(standby, "off", "on"), verdict::does_not_suit);
}

TEST(role, the_answer_to_the_question_decides) {
  const auto suits = [](session_attributes wanted, const char* answer) {
    role_replies handler{wanted};
    session_state session;
    play(handler,
         {bytes_of(wire::data_row{{as_bytes(answer)}}), bytes_of(wire::command_complete{"SHOW"}),
          ready('I')},
         session);
    EXPECT_TRUE(handler.finished());
    return handler.suits();
  };
  EXPECT_TRUE(suits(session_attributes::read_write, "off"));
  EXPECT_FALSE(suits(session_attributes::read_write, "on"));
  EXPECT_TRUE(suits(session_attributes::standby, "t"));
  EXPECT_FALSE(suits(session_attributes::standby, "f"));
}

}  // namespace
}  // namespace ingestor::pg::fsm
