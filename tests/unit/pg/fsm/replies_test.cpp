#include "pg/fsm/replies.hpp"

#include "messages.hpp"
#include "pg/fsm/copy_in.hpp"
#include "pg/fsm/pipeline.hpp"
#include "pg/fsm/script.hpp"
#include "pg/fsm/session_role.hpp"
#include "pg/wire/copy.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <stdexcept>

namespace ingestor::pg::fsm {
namespace {

using testing::HasSubstr;
using wire::oid;

constexpr std::size_t plenty = 1'000'000;

/// What the server sends when all goes well, and what receives it. From it every test of failure is
/// made.
struct happy_path {
  const char* name;
  std::function<std::unique_ptr<replies>()> make;
  std::vector<std::string> messages;
};

const std::vector<statement> two_statements{
    {"count", "select count(*) from t", {}, {oid::int8}},
    {"touch", "update t set a = $1", {wire::int8(1)}, {}},
};

const wire::row_description one_bigint{{{"count", 0, 0, oid::int8, 8, -1, wire::format::binary}}};

std::string row(const wire::parameter& value) {
  return bytes_of(wire::data_row{{const_bytes{*value.value}}});
}

std::vector<happy_path> happy_paths() {
  const auto complete = [](const char* tag) { return bytes_of(wire::command_complete{tag}); };
  const wire::copy_in_response copying{wire::format::binary,
                                       {wire::format::binary, wire::format::binary}};
  return {
      {"pipeline",
       [] { return std::make_unique<pipeline_replies>(two_statements, plenty); },
       {bytes_of(wire::parse_complete{}), bytes_of(wire::bind_complete{}), bytes_of(one_bigint),
        row(wire::int8(7)), complete("SELECT 1"), bytes_of(wire::parse_complete{}),
        bytes_of(wire::bind_complete{}), bytes_of(wire::no_data{}), complete("UPDATE 3"),
        ready('I')}},
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

/// Feeds messages until the handler is finished or gives up; plays the client's part of a COPY.
step play(replies& handler, const std::vector<std::string>& messages, session_state& session) {
  step last{next::receive};
  for (const auto& message : messages) {
    last = handler.receive(frame_of(message), session);
    if (!last || *last == next::finished) return last;
    if (*last == next::proceed) dynamic_cast<copy_in_replies&>(handler).end_of_data();
  }
  return last;
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

TEST(pipeline, gives_each_statement_its_rows) {
  pipeline_replies handler{two_statements, plenty};
  session_state session;
  ASSERT_TRUE(play(handler, happy_paths()[0].messages, session));
  const auto results = handler.take();
  ASSERT_EQ(results.size(), 2U);
  ASSERT_EQ(results[0].size(), 1U);
  EXPECT_EQ(results[0].get<std::int64_t>(0, 0), 7);
  EXPECT_EQ(results[1].rows_affected(), 3U);
  EXPECT_EQ(results[1].command_tag(), "UPDATE 3");
}

TEST(pipeline, names_the_statement_that_failed) {
  auto messages = happy_paths()[0].messages;
  messages.resize(5);
  messages.push_back(server_error("42P01", "no table"));
  messages.push_back(ready('I'));
  pipeline_replies handler{two_statements, plenty};
  session_state session;
  ASSERT_TRUE(play(handler, messages, session));
  EXPECT_EQ(handler.failure()->statement, "touch");
}

TEST(pipeline, an_error_behind_all_statements_is_the_commits) {
  auto messages = happy_paths()[0].messages;
  messages.pop_back();
  messages.push_back(server_error("23503", "a deferred constraint"));
  messages.push_back(ready('I'));
  pipeline_replies handler{two_statements, plenty};
  session_state session;
  ASSERT_TRUE(play(handler, messages, session));
  EXPECT_EQ(handler.failure()->statement, "commit");
}

TEST(pipeline, compares_the_result_with_what_the_caller_reads) {
  const wire::row_description as_text{{{"count", 0, 0, oid::text, -1, -1, wire::format::binary}}};
  auto messages = happy_paths()[0].messages;
  messages[2] = bytes_of(as_text);
  pipeline_replies handler{two_statements, plenty};
  session_state session;
  const auto last = play(handler, messages, session);
  ASSERT_TRUE(last) << "the rest is drained, the connection stays";
  EXPECT_EQ(*last, next::finished);
  EXPECT_EQ(handler.failure()->category, error_category::statement);
  EXPECT_THAT(handler.failure()->message,
              HasSubstr("column \"count\" is of type text where bigint was expected"));

  EXPECT_THAT(mismatch(std::vector{oid::int8, oid::int8}, one_bigint),
              HasSubstr("1 columns where 2"));
  EXPECT_EQ(mismatch(std::vector{oid::int8}, one_bigint), "");
}

TEST(pipeline, rows_expected_where_there_are_none) {
  auto messages = happy_paths()[0].messages;
  messages[2] = bytes_of(wire::no_data{});
  messages.erase(messages.begin() + 3);
  pipeline_replies handler{two_statements, plenty};
  session_state session;
  ASSERT_TRUE(play(handler, messages, session));
  EXPECT_THAT(handler.failure()->message, HasSubstr("rows were expected"));
}

TEST(pipeline, a_field_of_the_wrong_width_is_a_violation) {
  auto messages = happy_paths()[0].messages;
  messages[3] = row(wire::int4(7));
  pipeline_replies handler{two_statements, plenty};
  session_state session;
  const auto last = play(handler, messages, session);
  ASSERT_FALSE(last);
  EXPECT_EQ(last.error().category, error_category::protocol_violation);

  messages[3] = bytes_of(wire::data_row{});
  pipeline_replies another{two_statements, plenty};
  EXPECT_FALSE(play(another, messages, session)) << "fewer fields than described";
}

TEST(pipeline, rows_without_end_meet_their_limit) {
  pipeline_replies handler{two_statements, 10'000};
  session_state session;
  std::vector<std::string> messages{happy_paths()[0].messages};
  messages.resize(3);
  ASSERT_TRUE(play(handler, messages, session));
  const auto one_row = row(wire::int8(7));
  step last{next::receive};
  std::size_t rows = 0;
  for (; last && rows < 10'000; ++rows) last = handler.receive(frame_of(one_row), session);
  ASSERT_FALSE(last);
  EXPECT_LT(rows, 1'000U);
  EXPECT_THAT(last.error().message, HasSubstr("larger than this client takes"));
}

TEST(script, results_without_end_meet_their_limit) {
  script_replies handler{"migrate", 10'000};
  session_state session;
  const auto complete = bytes_of(wire::command_complete{"SELECT 1"});
  step last{next::receive};
  std::size_t results = 0;
  for (; last && results < 10'000; ++results) last = handler.receive(frame_of(complete), session);
  ASSERT_FALSE(last);
  EXPECT_LT(results, 1'000U);
}

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

TEST(row_set, misuse_is_a_mistake_in_the_program) {
  row_set rows{{oid::int8, oid::text}};
  rows.append(wire::data_row{{const_bytes{*wire::int8(1).value}, std::nullopt}});
  EXPECT_EQ(rows.get<std::optional<std::int64_t>>(0, 0), 1);
  EXPECT_EQ(rows.get<std::optional<std::string>>(0, 1), std::nullopt);
  EXPECT_TRUE(rows.is_null(0, 1));
  EXPECT_THROW(rows.get<std::string>(0, 1), std::logic_error);
  EXPECT_THROW(rows.get<std::string>(0, 0), std::logic_error);
  EXPECT_THROW(rows.get<std::int64_t>(1, 0), std::logic_error);
  EXPECT_THROW(rows.get<std::int64_t>(0, 2), std::logic_error);
  EXPECT_THROW(row_set{}.get<std::int64_t>(0, 0), std::logic_error);
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
