// What the handlers of all replies have in common.
#include "pg/fsm/replies.hpp"

#include "pg/fsm/script.hpp"
#include "pg/fsm/session_role.hpp"
#include "reply_scripts.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <memory>

namespace ingestor::pg::fsm {
namespace {

/// What the server sends when all goes well, and what receives it. From it every test of failure is
/// made.
struct happy_path {
  const char* name;
  std::function<std::unique_ptr<replies>()> make;
  std::vector<std::string> messages;
};

std::vector<happy_path> happy_paths() {
  const wire::copy_in_response copying{wire::format::binary,
                                       {wire::format::binary, wire::format::binary}};
  return {
      {"pipeline", [] { return std::make_unique<pipeline_replies>(two_statements, plenty); },
       pipeline_replied()},
      {"script",
       [] { return std::make_unique<script_replies>("migrate", plenty); },
       {complete("BEGIN"), bytes_of(one_bigint), row(wire::int8(7)), complete("SELECT 1"),
        bytes_of(wire::empty_query_response{}), complete("COMMIT"), ready('I')}},
      {"copy",
       [] { return std::make_unique<copy_in_replies>("copy", 2); },
       {bytes_of(copying), complete("COPY 5"), ready('T')}},
      {"role",
       [] { return std::make_unique<role_replies>(session_attributes::read_write); },
       {bytes_of(one_bigint), bytes_of(wire::data_row{{as_bytes("off")}}), complete("SHOW"),
        ready('I')}},
  };
}

TEST(replies, happy_paths_end_with_ready_for_query) {
  for (const auto& path : happy_paths()) {
    const auto handler = path.make();
    session_state session;
    const auto last = play(*handler, path.messages, session);
    ASSERT_TRUE(last) << path.name << ": " << last.error().text();
    EXPECT_EQ(*last, next::finished) << path.name;
    EXPECT_TRUE(handler->finished());
    EXPECT_FALSE(handler->failure()) << path.name;
    EXPECT_EQ(session.transaction_status(), path.messages.back().back());
  }
}

TEST(replies, an_error_at_any_step_is_kept_and_drained) {
  for (const auto& path : happy_paths()) {
    for (std::size_t at = 0; at < path.messages.size(); ++at) {
      std::vector<std::string> messages{path.messages.begin(),
                                        path.messages.begin() + static_cast<std::ptrdiff_t>(at)};
      messages.push_back(server_error("23505", "first"));
      messages.push_back(server_error("22012", "second"));
      messages.push_back(ready('E'));
      const auto handler = path.make();
      session_state session;
      const auto last = play(*handler, messages, session);
      ASSERT_TRUE(last) << path.name << " at " << at;
      EXPECT_EQ(*last, next::finished);
      ASSERT_TRUE(handler->failure());
      EXPECT_EQ(handler->failure()->message, "first");
      EXPECT_EQ(session.transaction_status(), 'E');
    }
  }
}

TEST(replies, a_fatal_error_at_any_step_ends_the_connection) {
  for (const auto& path : happy_paths()) {
    for (std::size_t at = 0; at < path.messages.size(); ++at) {
      auto messages = path.messages;
      messages.insert(messages.begin() + static_cast<std::ptrdiff_t>(at),
                      server_error("57P01", "terminating", "FATAL"));
      const auto handler = path.make();
      session_state session;
      const auto last = play(*handler, messages, session);
      ASSERT_FALSE(last) << path.name << " at " << at;
      EXPECT_EQ(last.error().category, error_category::shutdown);
    }
  }
}

TEST(replies, a_missing_message_at_any_step_is_a_violation_or_not_the_end) {
  for (const auto& path : happy_paths()) {
    for (std::size_t at = 0; at < path.messages.size(); ++at) {
      // Rows may be missing, and a script may have fewer statements: nobody can tell.
      const char type = path.messages[at].front();
      if (type == 'D' && std::string{path.name} != "role") continue;
      if (std::string{path.name} == "script") continue;
      auto messages = path.messages;
      messages.erase(messages.begin() + static_cast<std::ptrdiff_t>(at));
      const auto handler = path.make();
      session_state session;
      const auto last = play(*handler, messages, session);
      const bool completed = last && *last == next::finished && !handler->failure();
      const bool harmless = type == 'T' && std::string{path.name} == "role";
      EXPECT_EQ(completed, harmless) << path.name << " without " << at;
    }
  }
}

TEST(replies, a_message_of_another_place_at_any_step_is_a_violation) {
  const std::vector<std::string> strays{
      bytes_of(wire::backend_key_data{}), bytes_of(wire::portal_suspended{}),
      bytes_of(wire::copy_done{}), bytes_of(wire::parameter_description{}),
      bytes_of(wire::copy_both_response{})};
  for (const auto& path : happy_paths()) {
    for (std::size_t at = 0; at < path.messages.size(); ++at) {
      for (const auto& stray : strays) {
        auto messages = path.messages;
        messages.insert(messages.begin() + static_cast<std::ptrdiff_t>(at), stray);
        const auto handler = path.make();
        session_state session;
        const auto last = play(*handler, messages, session);
        EXPECT_FALSE(last) << path.name << " at " << at << " type " << stray.front();
      }
    }
  }
}

TEST(replies, a_malformed_body_at_any_step_is_a_violation) {
  for (const auto& path : happy_paths()) {
    for (std::size_t at = 0; at < path.messages.size(); ++at) {
      auto messages = path.messages;
      // A body that is a byte too long; rows and descriptions of "role" that nobody reads apart.
      if (std::string{path.name} == "role" && messages[at].front() != 'D' &&
          messages[at].front() != 'Z') {
        continue;
      }
      if (messages[at].front() == 'I') continue;
      messages[at] += 'x';
      const auto handler = path.make();
      session_state session;
      const auto last = play(*handler, messages, session);
      EXPECT_FALSE(last) << path.name << " at " << at;
    }
  }
}

TEST(replies, asynchronous_messages_change_nothing_at_any_step) {
  for (const auto& path : happy_paths()) {
    std::vector<std::string> messages;
    for (const auto& message : path.messages) {
      messages.push_back(bytes_of(wire::notice_response{{{{'M', "note"}}}}));
      messages.push_back(bytes_of(wire::parameter_status{"TimeZone", "UTC"}));
      messages.push_back(bytes_of(wire::notification_response{1, "c", "p"}));
      messages.push_back(message);
    }
    const auto handler = path.make();
    session_state session;
    const auto last = play(*handler, messages, session);
    ASSERT_TRUE(last) << path.name;
    EXPECT_EQ(*last, next::finished);
    EXPECT_FALSE(handler->failure());
    EXPECT_EQ(session.notices(), path.messages.size());
    EXPECT_EQ(session.parameter("TimeZone"), "UTC");
  }
}

TEST(replies, an_error_that_came_explains_a_lost_connection) {
  pipeline_replies handler{two_statements, plenty};
  session_state session;
  const auto lost = make_error(error_category::connection, "lost");
  EXPECT_EQ(handler.interrupted(lost).message, "lost");
  play(handler, {server_error("53300", "too many")}, session);
  EXPECT_EQ(handler.interrupted(lost).message, "too many");
}

}  // namespace
}  // namespace ingestor::pg::fsm
