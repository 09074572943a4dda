#include "pg/fsm/startup.hpp"

#include "messages.hpp"
#include "pg/wire/base64.hpp"
#include "pg/wire/copy.hpp"
#include "pg/wire/extended.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <variant>

namespace ingestor::pg::fsm {
namespace {

using testing::HasSubstr;
using namespace std::string_literals;

// RFC 7677's exchange with an empty user name, as PostgreSQL's clients do it; proof and signature
// were computed with another implementation (Python's hashlib).
const std::string nonce = "rOprNGfwEbeRWgbNEkqO";
const std::string server_first =
    "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
const std::string proof = "qvT2SWdEH5Q06albL+hjSYuUhCG7VndFyzIb7CK4n9k=";
const std::string server_final = "v=3HO6Qt1M4MKJrmlKaoOqLAI0/0TV0HZe7J9H3MBtSOg=";

connection_options options_for_tests() {
  connection_options options;
  options.servers = {{"db", 5432}};
  options.user = "me";
  options.database = "logs";
  options.password = secret{"pencil"};
  options.application_name = "ingestor";
  return options;
}

template <class Request>
std::string authentication(Request request) {
  return bytes_of(wire::authentication{std::move(request)});
}

std::string sasl_offer() {
  return authentication(wire::authentication_sasl{{"SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"}});
}

/// What happens to a machine from outside: a server's message, or the end of something it asked
/// for.
struct sent {};
struct tls_answer {
  char byte;
  bool more;
};
struct tls_done {};
struct key_done {};
using event = std::variant<std::string, sent, tls_answer, tls_done, key_done>;

wire::scram_key key() {
  static const auto derived =
      wire::derive_key("pencil", *wire::base64_decode("W22ZaJ0SNY7soEsUEjb6gQ=="), 4096);
  return derived;
}

startup::action feed(startup& machine, const event& what) {
  if (const auto* const message = std::get_if<std::string>(&what)) {
    return machine.on_frame(frame_of(*message));
  }
  if (const auto* const answer = std::get_if<tls_answer>(&what)) {
    return machine.on_tls_answer(answer->byte, answer->more);
  }
  if (std::holds_alternative<tls_done>(what)) return machine.on_tls_established();
  if (std::holds_alternative<key_done>(what)) return machine.on_key(key());
  return machine.on_sent();
}

/// A login over TLS with a password, to a server that has to be asked for its role.
const std::vector<event> happy_path{
    sent{},
    tls_answer{'S', false},
    tls_done{},
    sent{},
    sasl_offer(),
    sent{},
    authentication(wire::authentication_sasl_continue{server_first}),
    key_done{},
    sent{},
    authentication(wire::authentication_sasl_final{server_final}),
    authentication(wire::authentication_ok{}),
    bytes_of(wire::parameter_status{"server_encoding", "UTF8"}),
    bytes_of(wire::parameter_status{"client_encoding", "UTF8"}),
    bytes_of(wire::backend_key_data{42, 43}),
    ready(),
    sent{},
    bytes_of(wire::row_description{}),
    bytes_of(wire::data_row{{as_bytes("off")}}),
    bytes_of(wire::command_complete{"SHOW"}),
    ready(),
};

/// The kinds of request that the happy path leads to, after begin() and after each event.
constexpr std::string_view happy_requests =
    "send answer tls send receive send receive key send "
    "receive receive receive receive receive receive send "
    "receive receive receive receive finished ";

std::string kind_of(const io_request& request) {
  constexpr std::array<const char*, 6> names{"send ", "receive ", "answer ",
                                             "tls ",  "key ",     "finished "};
  return names[request.index()];
}

connection_options read_write_options() {
  auto options = options_for_tests();
  options.target = session_attributes::read_write;
  return options;
}

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

/// Plays the happy path up to `at`, then `instead`.
startup::action happy_until(std::size_t at, const event& instead, bool* may_retry = nullptr) {
  static const auto options = read_write_options();
  startup machine{options, tls_use::if_offered, nonce};
  EXPECT_TRUE(machine.begin());
  for (std::size_t i = 0; i < at; ++i) EXPECT_TRUE(feed(machine, happy_path[i]));
  auto outcome = feed(machine, instead);
  if (may_retry) *may_retry = machine.may_retry_without_tls();
  return outcome;
}

bool takes_a_message(std::size_t at) {
  return std::holds_alternative<std::string>(happy_path[at]);
}

TEST(startup_machine, an_error_at_any_step_is_the_servers_and_says_why) {
  for (std::size_t at = 0; at < happy_path.size(); ++at) {
    if (!takes_a_message(at)) continue;
    bool may_retry = false;
    const auto outcome =
        happy_until(at, server_error("28P01", "wrong password", "FATAL"), &may_retry);
    ASSERT_FALSE(outcome) << at;
    EXPECT_EQ(outcome.error().category, error_category::authentication);
    EXPECT_EQ(outcome.error().message, "wrong password");
    EXPECT_EQ(may_retry, at <= 10) << at << ": only before the server let us in";
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
      bool may_retry = false;
      EXPECT_FALSE(happy_until(at, stray, &may_retry)) << at << " " << stray.front();
      EXPECT_FALSE(may_retry) << "never in the clear after a refusal of ours";
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

TEST(startup_machine, a_failed_handshake_may_be_retried_without_tls_under_prefer_alone) {
  const auto options = options_for_tests();
  for (const auto use : {tls_use::if_offered, tls_use::required}) {
    startup machine{options, use, nonce};
    machine.begin();
    machine.on_tls_answer('S', false);
    EXPECT_FALSE(machine.may_retry_without_tls()) << "not before the handshake was tried";
    machine.on_tls_failed();
    EXPECT_EQ(machine.may_retry_without_tls(), use == tls_use::if_offered);
  }
}

TEST(startup_machine, tls_is_used_as_the_mode_says) {
  const server_address tcp{"db", 5432};
  const server_address local{"/run", 5432};
  EXPECT_EQ(first_tls_use(ssl_mode::disable, tcp), tls_use::none);
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

/// A plain connection after its StartupMessage, and the server's next message.
startup::action after_startup(const connection_options& options, const std::string& message) {
  startup machine{options, tls_use::none, nonce};
  machine.begin();
  machine.on_sent();
  return machine.on_frame(frame_of(message));
}

TEST(startup_machine, passwords_are_never_sent_readable) {
  const auto options = options_for_tests();
  for (const auto& request : {authentication(wire::authentication_cleartext_password{}),
                              authentication(wire::authentication_md5_password{}),
                              authentication(wire::authentication_unsupported{7})}) {
    const auto outcome = after_startup(options, request);
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().category, error_category::authentication);
    EXPECT_THAT(outcome.error().message, HasSubstr("scram-sha-256"));
  }
  EXPECT_FALSE(after_startup(options, authentication(wire::authentication_sasl{{"OTHER"}})));
}

TEST(startup_machine, require_auth_is_kept) {
  auto options = options_for_tests();
  options.authentication = {false, true};
  EXPECT_THAT(after_startup(options, authentication(wire::authentication_ok{})).error().message,
              HasSubstr("require_auth"));
  EXPECT_TRUE(after_startup(options, sasl_offer()));
  options.authentication = {true, false};
  EXPECT_TRUE(after_startup(options, authentication(wire::authentication_ok{})));
  EXPECT_THAT(after_startup(options, sasl_offer()).error().message, HasSubstr("require_auth"));
}

TEST(startup_machine, a_missing_password_is_said_before_anything_is_sent) {
  auto options = options_for_tests();
  options.password = secret{};
  EXPECT_THAT(after_startup(options, sasl_offer()).error().message, HasSubstr("PGPASSWORD"));
}

TEST(startup_machine, the_proof_is_the_one_of_the_vector) {
  static const auto options = options_for_tests();
  startup machine{options, tls_use::none, nonce};
  machine.begin();
  machine.on_frame(frame_of(sasl_offer()));
  machine.on_frame(frame_of(authentication(wire::authentication_sasl_continue{server_first})));
  const auto wanted = machine.on_key(key());
  EXPECT_THAT(std::string{as_text(std::get<send>(*wanted).bytes)}, HasSubstr(",p=" + proof));
}

TEST(startup_machine, a_server_that_skips_its_own_proof_is_refused) {
  const auto outcome = happy_until(9, authentication(wire::authentication_ok{}));
  ASSERT_FALSE(outcome);
  EXPECT_THAT(outcome.error().message, HasSubstr("before it proved"));
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
