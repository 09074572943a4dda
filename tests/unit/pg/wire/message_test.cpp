#include "pg/wire/authentication.hpp"
#include "pg/wire/copy.hpp"
#include "pg/wire/extended.hpp"
#include "pg/wire/notice.hpp"
#include "pg/wire/query.hpp"
#include "pg/wire/rows.hpp"
#include "pg/wire/session.hpp"
#include "pg/wire/startup.hpp"
#include "round_trip.hpp"

#include <gtest/gtest.h>

namespace ingestor::pg::wire {
namespace {

using namespace std::string_literals;

template <class Message>
decoded<Message> decode(const std::string& body) {
  return Message::decode(as_bytes(body));
}

TEST(startup, messages_without_a_type_byte_have_the_documented_bytes) {
  EXPECT_EQ(encoded(ssl_request{}), "\0\0\0\x08\x04\xd2\x16\x2f"s);
  EXPECT_EQ(encoded(cancel_request{1, 2}), "\0\0\0\x10\x04\xd2\x16\x2e\0\0\0\x01\0\0\0\x02"s);
  EXPECT_EQ(encoded(startup_message{{{"user", "me"}}}), "\0\0\0\x11\0\x03\0\0user\0me\0\0"s);
}

TEST(startup, messages_come_back_as_they_went) {
  const auto startup = encoded(startup_message{{{"user", "me"}, {"database", "db"}}}).substr(4);
  const auto message = decode<startup_message>(startup);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->parameters.size(), 2U);
  EXPECT_EQ(message->parameters[1].second, "db");
  EXPECT_TRUE(decode<ssl_request>(encoded(ssl_request{}).substr(4)));
  const auto cancel = decode<cancel_request>(encoded(cancel_request{7, -8}).substr(4));
  ASSERT_TRUE(cancel);
  EXPECT_EQ(*cancel, (cancel_request{7, -8}));
  EXPECT_FALSE(decode<startup_message>(startup.substr(0, startup.size() - 1)));
  EXPECT_FALSE(decode<ssl_request>(startup));
  expect_exact(negotiate_protocol_version{0, {"_pq_.a", "_pq_.b"}});
}

TEST(startup, a_NUL_cannot_smuggle_a_parameter_in) {
  writer out;
  startup_message{{{"user", "me\0replication\0true"s}}}.encode(out);
  const auto bytes = out.finish();
  ASSERT_FALSE(bytes);
  EXPECT_EQ(bytes.error().reason, "a string contains a NUL byte");
}

TEST(authentication, every_request_round_trips) {
  expect_exact(authentication{authentication_ok{}});
  expect_exact(authentication{authentication_cleartext_password{}});
  expect_exact(authentication{authentication_md5_password{{std::byte{1}, std::byte{2}}}});
  expect_exact(authentication{authentication_sasl{{"SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"}}});
  expect_round_trip(authentication{authentication_sasl_continue{"r=abc"}});
  expect_round_trip(authentication{authentication_sasl_final{"v=abc"}});
  expect_round_trip(authentication{authentication_unsupported{7}});
}

TEST(authentication, answers_round_trip) {
  expect_exact(password_message{"s\xc3\xa9same"});
  expect_exact(sasl_initial_response{"SCRAM-SHA-256", as_bytes("n,,n=,r=x")});
  expect_exact(sasl_initial_response{"SCRAM-SHA-256", std::nullopt});
  expect_round_trip(sasl_response{"c=biws"});
}

TEST(notice, round_trips_and_finds_its_fields) {
  const error_response message{{{{'S', "FEHLER"}, {'V', "ERROR"}, {'C', "22P02"}, {'M', "no"}}}};
  expect_exact(message);
  EXPECT_EQ(message.get(notice_field::sqlstate), "22P02");
  EXPECT_EQ(message.get(notice_field::hint), "");
  expect_exact(notice_response{{{{'M', "note"}}}});
}

TEST(notice, refuses_more_fields_than_any_server_has) {
  std::string body;
  for (std::size_t i = 0; i < notice_fields_max + 1; ++i) body += "M\0"s;
  EXPECT_FALSE(decode<error_response>(body + '\0'));
  EXPECT_TRUE(decode<error_response>(body.substr(2) + '\0'));
}

TEST(session, messages_round_trip) {
  expect_exact(parameter_status{"TimeZone", "UTC"});
  expect_exact(notification_response{1, "channel", "payload"});
  expect_exact(backend_key_data{-1, 5});
  expect_exact(terminate{});
  for (const char status : {'I', 'T', 'E'}) expect_exact(ready_for_query{status});
  EXPECT_FALSE(decode<ready_for_query>("X"));
}

TEST(query, messages_round_trip) {
  expect_exact(query{"select 1"});
  expect_exact(command_complete{"INSERT 0 5"});
  expect_exact(empty_query_response{});
}

TEST(query, a_command_tag_ends_with_its_rows) {
  EXPECT_EQ(rows_of("INSERT 0 5"), 5U);
  EXPECT_EQ(rows_of("COPY 18446744073709551615"), 18446744073709551615U);
  EXPECT_EQ(rows_of("COPY 18446744073709551616"), 0U);
  EXPECT_EQ(rows_of("BEGIN"), 0U);
  EXPECT_EQ(rows_of("CREATE TABLE"), 0U);
  EXPECT_EQ(rows_of("SELECT -1"), 0U);
  EXPECT_EQ(rows_of(""), 0U);
  EXPECT_EQ(rows_of("SELECT "), 0U);
}

TEST(extended, messages_round_trip) {
  expect_exact(parse{"s", "select $1", {oid::int8, oid::text}});
  expect_exact(bind{"p", "s", {format::binary}, {as_bytes("12345678"), std::nullopt}, {}});
  expect_exact(describe{target::portal, "p"});
  expect_exact(execute{"p", 10});
  expect_exact(close{target::statement, "s"});
  expect_exact(sync{});
  expect_exact(flush{});
  expect_exact(parse_complete{});
  expect_exact(bind_complete{});
  expect_exact(close_complete{});
  expect_exact(no_data{});
  expect_exact(portal_suspended{});
}

TEST(extended, refuses_values_the_protocol_does_not_have) {
  EXPECT_FALSE(decode<describe>("Xp\0"s));
  EXPECT_FALSE(decode<bind>("\0\0\0\x01\0\x02\0\0\0\0"s));            // format 2
  EXPECT_FALSE(decode<bind>("\0\0\0\0\0\x01\xff\xff\xff\xfe\0\0"s));  // a length of -2
}

TEST(extended, refuses_more_parameters_than_the_count_can_say) {
  writer out;
  bind{"", "", {}, std::vector<std::optional<const_bytes>>(65'536), {}}.encode(out);
  EXPECT_FALSE(out.finish());
  out.clear();
  bind{"", "", {}, std::vector<std::optional<const_bytes>>(65'535), {}}.encode(out);
  EXPECT_TRUE(out.finish());
}

TEST(rows, messages_round_trip) {
  expect_exact(row_description{{{"id", 16'384, 1, oid::int8, 8, -1, format::binary},
                                {"", 0, 0, oid::text, -1, -1, format::text}}});
  expect_exact(parameter_description{{oid::int8, oid::jsonb}});
  expect_exact(data_row{{as_bytes("a"), std::nullopt, as_bytes("")}});
  expect_exact(row_description{});
  expect_exact(data_row{});
}

TEST(rows, a_count_is_checked_against_the_bytes_that_follow) {
  EXPECT_FALSE(decode<row_description>("\xff\xff"s));
  EXPECT_FALSE(decode<parameter_description>("\xff\xff"s));
  EXPECT_FALSE(decode<data_row>("\xff\xff"s));
  EXPECT_FALSE(decode<data_row>("\0\x01\xff\xff\xff\xfe"s));
  EXPECT_FALSE(decode<data_row>("\0\x01\x7f\xff\xff\xff"s));
}

TEST(rows, no_more_columns_than_a_server_has) {
  const data_row most{std::vector<std::optional<const_bytes>>(columns_max)};
  EXPECT_TRUE(decode<data_row>(body_of(encoded(most))));
  const data_row more{std::vector<std::optional<const_bytes>>(columns_max + 1)};
  EXPECT_FALSE(decode<data_row>(body_of(encoded(more))));
}

TEST(copy, messages_round_trip) {
  expect_exact(copy_in_response{format::binary, {format::binary, format::binary}});
  expect_exact(copy_out_response{format::text, {format::text}});
  expect_exact(copy_both_response{});
  expect_round_trip(copy_data{as_bytes("payload")});
  expect_exact(copy_done{});
  expect_exact(copy_fail{"why"});
}

TEST(copy, the_header_of_a_payload_sent_from_where_it_lies_is_that_of_the_message) {
  const auto whole = encoded(copy_data{as_bytes("payload")});
  const auto header = copy_data_header(7);
  EXPECT_EQ(as_text(header), whole.substr(0, 5));
}

TEST(writer, refuses_a_message_that_would_wrap_its_length) {
  // Never read or written: the size alone is refused.
  const const_bytes huge{reinterpret_cast<const std::byte*>(64), std::size_t{1} << 32};
  writer out;
  out.begin('d');
  out.field(huge);
  out.end();
  EXPECT_FALSE(out.finish());
}

}  // namespace
}  // namespace ingestor::pg::wire
