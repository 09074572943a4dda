#include "pg/fsm/pipeline.hpp"

#include "pg/fsm/script.hpp"
#include "reply_scripts.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

namespace ingestor::pg::fsm {
namespace {

using testing::HasSubstr;
using wire::oid;

TEST(pipeline, gives_each_statement_its_rows) {
  pipeline_replies handler{two_statements, plenty};
  session_state session;
  ASSERT_TRUE(play(handler, pipeline_replied(), session));
  const auto results = handler.take();
  ASSERT_EQ(results.size(), 2U);
  ASSERT_EQ(results[0].size(), 1U);
  EXPECT_EQ(results[0].get<std::int64_t>(0, 0), 7);
  EXPECT_EQ(results[1].rows_affected(), 3U);
  EXPECT_EQ(results[1].command_tag(), "UPDATE 3");
}

TEST(pipeline, names_the_statement_that_failed) {
  auto messages = pipeline_replied();
  messages.resize(5);
  messages.push_back(server_error("42P01", "no table"));
  messages.push_back(ready('I'));
  pipeline_replies handler{two_statements, plenty};
  session_state session;
  ASSERT_TRUE(play(handler, messages, session));
  EXPECT_EQ(handler.failure()->statement, "touch");
}

TEST(pipeline, an_error_behind_all_statements_is_the_commits) {
  auto messages = pipeline_replied();
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
  auto messages = pipeline_replied();
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
  auto messages = pipeline_replied();
  messages[2] = bytes_of(wire::no_data{});
  messages.erase(messages.begin() + 3);
  pipeline_replies handler{two_statements, plenty};
  session_state session;
  ASSERT_TRUE(play(handler, messages, session));
  EXPECT_THAT(handler.failure()->message, HasSubstr("rows were expected"));
}

TEST(pipeline, a_field_of_the_wrong_width_is_a_violation) {
  auto messages = pipeline_replied();
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
  std::vector<std::string> messages{pipeline_replied()};
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

}  // namespace
}  // namespace ingestor::pg::fsm
