#include "pg/fsm/startup.hpp"

#include "pg/wire/copy.hpp"
#include "pg/wire/extended.hpp"
#include "startup_script.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

namespace ingestor::pg::fsm {
namespace {

using testing::HasSubstr;
using namespace std::string_literals;

/// The kinds of request that the happy path leads to, after begin() and after each event.
constexpr std::string_view happy_requests =
    "send answer tls send receive send receive key send "
    "receive receive receive receive receive receive send "
    "receive receive receive receive finished ";

TEST(startup_machine, the_happy_path_asks_for_one_thing_after_the_other) {
  const auto options = read_write_options();
  startup machine{options, tls_use::required, nonce};
  auto wanted = machine.begin();
  std::string kinds = kind_of(*wanted);
  for (const auto& each : happy_path) {
    wanted = feed(machine, each);
    ASSERT_TRUE(wanted) << wanted.error().text();
    kinds += kind_of(*wanted);
  }
  EXPECT_EQ(kinds, happy_requests);
  const auto session = machine.take_session();
  EXPECT_EQ(session.key()->process_id, 42);
  EXPECT_EQ(session.parameter("server_encoding"), "UTF8");
  EXPECT_EQ(session.transaction_status(), 'I');
}

bool takes_a_message(std::size_t at) {
  return std::holds_alternative<std::string>(happy_path[at]);
}

TEST(startup_machine, an_error_at_any_step_is_the_servers_and_says_why) {
  for (std::size_t at = 0; at < happy_path.size(); ++at) {
    if (!takes_a_message(at)) continue;
    std::optional<tls_use> retry;
    const auto outcome = happy_until(at, server_error("28P01", "wrong password", "FATAL"), &retry);
    ASSERT_FALSE(outcome) << at;
    EXPECT_EQ(outcome.error().category, error_category::authentication);
    EXPECT_EQ(outcome.error().message, "wrong password");
    EXPECT_EQ(retry.has_value(), at <= 10) << at << ": only before the server let us in";
  }
}

TEST(startup_machine, a_message_out_of_place_at_any_step_is_refused) {
  const std::vector<std::string> strays{
      sasl_offer(),
      authentication(wire::authentication_sasl_continue{server_first}),
      authentication(wire::authentication_sasl_final{server_final}),
      authentication(wire::authentication_ok{}),
      bytes_of(wire::negotiate_protocol_version{}),
      bytes_of(wire::parse_complete{}),
      bytes_of(wire::copy_both_response{}),
  };
  for (std::size_t at = 0; at < happy_path.size(); ++at) {
    if (!takes_a_message(at)) continue;
    for (const auto& stray : strays) {
      if (stray == std::get<std::string>(happy_path[at])) continue;
      // A server may let us in without a password, unless it began to ask for one.
      if (at == 4 && stray == strays[3]) continue;
      std::optional<tls_use> retry;
      EXPECT_FALSE(happy_until(at, stray, &retry)) << at << " " << stray.front();
      EXPECT_FALSE(retry) << "never in the clear after a refusal of ours";
    }
  }
}

TEST(startup_machine, plaintext_behind_the_answer_for_tls_is_refused) {
  const auto outcome = happy_until(1, tls_answer{'S', true});
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().category, error_category::protocol_violation);
  EXPECT_THAT(outcome.error().message, HasSubstr("somebody is in the middle"));
}

TEST(startup_machine, answers_to_the_request_for_tls) {
  const auto options = options_for_tests();
  const auto answered = [&](tls_use use, char answer) {
    startup machine{options, use, nonce};
    EXPECT_TRUE(machine.begin());
    return machine.on_tls_answer(answer, false);
  };
  EXPECT_EQ(kind_of(*answered(tls_use::required, 'S')), "tls ");
  EXPECT_EQ(kind_of(*answered(tls_use::if_offered, 'S')), "tls ");
  EXPECT_EQ(kind_of(*answered(tls_use::if_offered, 'N')), "send ") << "on without TLS";
  EXPECT_EQ(answered(tls_use::required, 'N').error().category, error_category::connection);
  EXPECT_THAT(answered(tls_use::if_offered, 'E').error().message, HasSubstr("cannot be trusted"));
  EXPECT_EQ(answered(tls_use::required, 'H').error().category, error_category::protocol_violation);
}

TEST(startup_machine, a_failed_handshake_is_retried_without_tls_under_prefer_alone) {
  const auto options = options_for_tests();
  for (const auto use : {tls_use::if_offered, tls_use::required}) {
    startup machine{options, use, nonce};
    machine.begin();
    machine.on_tls_answer('S', false);
    EXPECT_FALSE(machine.retry()) << "not before the handshake was tried";
    machine.on_tls_failed();
    const bool prefers = use == tls_use::if_offered;
    EXPECT_EQ(machine.retry(), prefers ? std::optional{tls_use::none} : std::nullopt);
  }
}

TEST(startup_machine, allow_goes_over_tls_where_the_server_refuses_without) {
  const auto options = options_for_tests();
  startup machine{options, tls_use::if_refused, nonce};
  EXPECT_EQ(kind_of(*machine.begin()), "send ");
  EXPECT_EQ(kind_of(*machine.on_sent()), "receive ") << "no question after TLS comes first";
  EXPECT_FALSE(machine.retry());
  EXPECT_FALSE(machine.on_frame(frame_of(server_error("28000", "no entry", "FATAL"))));
  EXPECT_EQ(machine.retry(), tls_use::required);
}

TEST(startup_machine, allow_is_no_excuse_for_a_refusal_of_ours) {
  const auto options = options_for_tests();
  startup machine{options, tls_use::if_refused, nonce};
  machine.begin();
  EXPECT_FALSE(
      machine.on_frame(frame_of(authentication(wire::authentication_cleartext_password{}))));
  EXPECT_FALSE(machine.retry());
}

TEST(startup_machine, direct_negotiation_begins_with_the_handshake_and_needs_alpn) {
  auto options = options_for_tests();
  options.sslnegotiation = ssl_negotiation::direct;
  const auto established = [&](bool alpn) {
    startup machine{options, tls_use::required, nonce};
    EXPECT_EQ(kind_of(*machine.begin()), "tls ");
    tls_facts settled;
    settled.alpn = alpn;
    return machine.on_tls_established(settled);
  };
  EXPECT_EQ(kind_of(*established(true)), "send ");
  const auto refused = established(false);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("ALPN"));
}

TEST(startup_machine, a_cancel_request_is_sent_over_direct_tls_too) {
  auto options = options_for_tests();
  options.sslnegotiation = ssl_negotiation::direct;
  startup machine{options, tls_use::required, wire::backend_key_data{42, 43}};
  EXPECT_EQ(kind_of(*machine.begin()), "tls ");
  tls_facts settled;
  settled.alpn = true;
  EXPECT_EQ(kind_of(*machine.on_tls_established(settled)), "send ");
  EXPECT_EQ(kind_of(*machine.on_sent()), "finished ");
}

TEST(startup_machine, tls_is_used_as_the_mode_says) {
  const server_address tcp{"db", 5432};
  const server_address local{"/run", 5432};
  EXPECT_EQ(first_tls_use(ssl_mode::disable, tcp), tls_use::none);
  EXPECT_EQ(first_tls_use(ssl_mode::allow, tcp), tls_use::if_refused);
  EXPECT_EQ(first_tls_use(ssl_mode::prefer, tcp), tls_use::if_offered);
  EXPECT_EQ(first_tls_use(ssl_mode::require, tcp), tls_use::required);
  EXPECT_EQ(first_tls_use(ssl_mode::verify_full, tcp), tls_use::required);
  EXPECT_EQ(first_tls_use(ssl_mode::verify_full, local), tls_use::none);
}

TEST(startup_machine, sends_what_the_server_needs_and_no_more) {
  auto options = options_for_tests();
  const auto startup_of = [&] {
    startup machine{options, tls_use::none, nonce};
    const auto wanted = machine.begin();
    const std::string bytes{as_text(std::get<send>(*wanted).bytes)};
    const auto message = wire::startup_message::decode(as_bytes(bytes).subspan(4));
    std::string text;
    for (const auto& [name, value] : message->parameters) {
      text.append(name).append("=").append(value).append(" ");
    }
    return text;
  };
  EXPECT_EQ(startup_of(), "user=me database=logs client_encoding=UTF8 application_name=ingestor ");
  options.application_name.clear();
  options.options = "-c x=1";
  EXPECT_EQ(startup_of(), "user=me database=logs client_encoding=UTF8 options=-c x=1 ");
}

TEST(startup_machine, a_NUL_in_a_name_is_not_sent) {
  auto options = options_for_tests();
  options.user = "me\0superuser"s;
  startup machine{options, tls_use::none, nonce};
  const auto wanted = machine.begin();
  ASSERT_FALSE(wanted);
  EXPECT_EQ(wanted.error().category, error_category::configuration);
}

TEST(startup_machine, limits_are_those_of_strangers_until_the_server_let_us_in) {
  const auto options = read_write_options();
  startup machine{options, tls_use::required, nonce};
  machine.begin();
  for (std::size_t i = 0; i < happy_path.size(); ++i) {
    const bool let_in = i > 10;
    EXPECT_EQ(machine.stage() == wire::stage::established, let_in) << i;
    feed(machine, happy_path[i]);
  }
}

TEST(startup_machine, a_database_in_another_encoding_is_refused) {
  const auto outcome =
      happy_until(11, bytes_of(wire::parameter_status{"server_encoding", "SQL_ASCII"}));
  ASSERT_TRUE(outcome);
  static const auto options = options_for_tests();
  startup machine{options, tls_use::none, nonce};
  machine.begin();
  machine.on_frame(frame_of(authentication(wire::authentication_ok{})));
  machine.on_frame(frame_of(bytes_of(wire::parameter_status{"server_encoding", "LATIN1"})));
  const auto refused = machine.on_frame(frame_of(ready()));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().category, error_category::configuration);
  EXPECT_THAT(refused.error().message, HasSubstr("LATIN1"));
}

TEST(startup_machine, a_server_whose_times_are_not_integers_is_refused) {
  static const auto options = options_for_tests();
  startup machine{options, tls_use::none, nonce};
  machine.begin();
  machine.on_frame(frame_of(authentication(wire::authentication_ok{})));
  machine.on_frame(frame_of(bytes_of(wire::parameter_status{"integer_datetimes", "off"})));
  const auto refused = machine.on_frame(frame_of(ready()));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().category, error_category::configuration);
  EXPECT_THAT(refused.error().message, HasSubstr("integer_datetimes"));
}

TEST(startup_machine, a_session_that_does_not_begin_idle_is_refused) {
  static const auto options = options_for_tests();
  for (const char status : {'T', 'E'}) {
    startup machine{options, tls_use::none, nonce};
    machine.begin();
    machine.on_frame(frame_of(authentication(wire::authentication_ok{})));
    const auto refused = machine.on_frame(frame_of(ready(status)));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().category, error_category::protocol_violation);
  }
}

TEST(startup_machine, another_encoding_of_the_client_is_refused) {
  const auto refused =
      happy_until(12, bytes_of(wire::parameter_status{"client_encoding", "LATIN1"}));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().category, error_category::protocol_violation);
}

TEST(startup_machine, a_server_of_the_wrong_role_is_left_for_the_next) {
  const auto last = happy_path.size() - 3;
  static const auto options = read_write_options();
  startup machine{options, tls_use::if_offered, nonce};
  machine.begin();
  for (std::size_t i = 0; i < last; ++i) feed(machine, happy_path[i]);
  feed(machine, bytes_of(wire::data_row{{as_bytes("on")}}));
  feed(machine, bytes_of(wire::command_complete{"SHOW"}));
  const auto outcome = feed(machine, ready());
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().category, error_category::connection);
  EXPECT_THAT(outcome.error().message, HasSubstr("target_session_attrs=read-write"));
}

TEST(startup_machine, a_cancel_request_is_all_that_is_sent) {
  const auto options = options_for_tests();
  startup machine{options, tls_use::none, wire::backend_key_data{42, 43}};
  const auto wanted = machine.begin();
  const std::string bytes{as_text(std::get<send>(*wanted).bytes)};
  const auto request = wire::cancel_request::decode(as_bytes(bytes).subspan(4));
  ASSERT_TRUE(request);
  EXPECT_EQ(*request, (wire::cancel_request{42, 43}));
  EXPECT_EQ(kind_of(*machine.on_sent()), "finished ");
}

}  // namespace
}  // namespace ingestor::pg::fsm
