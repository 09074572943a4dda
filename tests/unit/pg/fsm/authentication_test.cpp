// Which ways of logging in the machine takes part in, and what it proves and asks to be proven.
#include "startup_script.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ingestor::pg::fsm {
namespace {

using testing::AllOf;
using testing::HasSubstr;

std::string bytes_sent(const startup::action& action) {
  EXPECT_TRUE(action) << (action ? "" : action.error().text());
  if (!action || !std::holds_alternative<send>(*action)) return {};
  return std::string{as_text(std::get<send>(*action).bytes)};
}

/// A machine after its StartupMessage: without TLS, or with what its handshake settled.
struct started {
  started(const connection_options& options, std::optional<tls_facts> settled)
      : machine{options, settled ? tls_use::required : tls_use::none, nonce} {
    machine.begin();
    if (settled) machine.on_tls_established(std::move(*settled));
    machine.on_sent();
  }

  startup machine;
};

startup::action after_startup_over_tls(const connection_options& options, tls_facts settled,
                                       const std::string& message) {
  return started{options, std::move(settled)}.machine.on_frame(frame_of(message));
}

/// What the machine sends then.
std::string answer(const connection_options& options, std::optional<tls_facts> settled,
                   const std::string& message) {
  started one{options, std::move(settled)};
  return bytes_sent(one.machine.on_frame(frame_of(message)));
}

/// The one that sends the proof: without TLS, or with what its handshake settled.
std::string proof_sent(std::optional<tls_facts> settled, const std::string& offer) {
  const auto options = options_for_tests();
  startup machine{options, settled ? tls_use::required : tls_use::none, nonce};
  machine.begin();
  if (settled) machine.on_tls_established(std::move(*settled));
  machine.on_frame(frame_of(offer));
  machine.on_frame(frame_of(authentication(wire::authentication_sasl_continue{server_first})));
  return bytes_sent(machine.on_key(key()));
}

// All three computed with another implementation (Python's hashlib).
TEST(authentication, proofs_are_those_of_the_vectors) {
  EXPECT_THAT(
      proof_sent(std::nullopt, plain_offer()),
      AllOf(HasSubstr("c=biws,"), HasSubstr(",p=qvT2SWdEH5Q06albL+hjSYuUhCG7VndFyzIb7CK4n9k=")));
  EXPECT_THAT(
      proof_sent(facts(), plain_offer()),
      AllOf(HasSubstr("c=eSws,"), HasSubstr(",p=VpuC5DGQa5ro9tXE9MnKs69NH1nxnuregZZcclqIGfM=")));
  EXPECT_THAT(proof_sent(facts(), sasl_offer()),
              HasSubstr(",p=Q8h71kjaoMzNI7dPksDrhRE/5mTUObF0fUHVIgBOWQg="));
}

TEST(authentication, is_bound_to_tls_where_both_sides_can) {
  auto options = options_for_tests();
  EXPECT_THAT(answer(options, facts(), sasl_offer()),
              AllOf(HasSubstr("SCRAM-SHA-256-PLUS"), HasSubstr("p=tls-server-end-point,,n=,r=")));
  EXPECT_THAT(answer(options, facts(), plain_offer()), HasSubstr("y,,n=,r="))
      << "a server that did offer it learns that somebody took it out";
  EXPECT_THAT(answer(options, tls_facts{}, sasl_offer()), HasSubstr("n,,n=,r="))
      << "a certificate without a usable hash";
  EXPECT_THAT(answer(options, std::nullopt, plain_offer()), HasSubstr("n,,n=,r="));
  options.binding = channel_binding::disable;
  EXPECT_THAT(answer(options, facts(), sasl_offer()), HasSubstr("n,,n=,r="));
}

TEST(authentication, channel_binding_that_is_required_fails_closed) {
  auto options = options_for_tests();
  options.binding = channel_binding::require;
  options.authentication.md5 = true;
  options.authentication.password = true;
  EXPECT_TRUE(after_startup_over_tls(options, facts(), sasl_offer()));
  const auto said = [](const startup::action& outcome) {
    EXPECT_FALSE(outcome);
    return outcome ? std::string{} : outcome.error().message;
  };
  EXPECT_THAT(said(after_startup_over_tls(options, facts(), plain_offer())),
              HasSubstr("does not offer SCRAM-SHA-256-PLUS"));
  EXPECT_THAT(said(after_startup_over_tls(options, tls_facts{}, sasl_offer())),
              HasSubstr("names no hash"));
  EXPECT_THAT(said(after_startup(options, plain_offer())), HasSubstr("needs TLS"));
  for (const auto& request : {authentication(wire::authentication_ok{}),
                              authentication(wire::authentication_cleartext_password{}),
                              authentication(wire::authentication_md5_password{})}) {
    EXPECT_THAT(said(after_startup_over_tls(options, facts(), request)),
                HasSubstr("channel_binding=require"));
  }
}

TEST(authentication, an_offer_to_bind_without_tls_is_somebody_in_the_middle) {
  const auto options = options_for_tests();
  const auto outcome = after_startup(options, sasl_offer());
  ASSERT_FALSE(outcome);
  EXPECT_THAT(outcome.error().message, HasSubstr("in the middle"));
}

TEST(authentication, a_server_that_offers_binding_alone_gets_it_or_nothing) {
  const auto offer = authentication(wire::authentication_sasl{{"SCRAM-SHA-256-PLUS"}});
  auto options = options_for_tests();
  EXPECT_TRUE(after_startup_over_tls(options, facts(), offer));
  EXPECT_FALSE(after_startup_over_tls(options, tls_facts{}, offer));
  options.binding = channel_binding::disable;
  EXPECT_FALSE(after_startup_over_tls(options, facts(), offer));
}

TEST(authentication, passwords_are_never_sent_readable_unless_asked_to) {
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

TEST(authentication, the_old_methods_answer_when_require_auth_names_them) {
  auto options = options_for_tests();
  options.authentication = {false, false, true, false};
  const auto clear = authentication(wire::authentication_cleartext_password{});
  EXPECT_EQ(answer(options, std::nullopt, clear), bytes_of(wire::password_message{"pencil"}));
  options.authentication = {false, false, false, true};
  const auto md5 = authentication(
      wire::authentication_md5_password{{std::byte{1}, std::byte{2}, std::byte{3}, std::byte{4}}});
  // Computed with another implementation (Python's hashlib).
  EXPECT_EQ(answer(options, std::nullopt, md5),
            bytes_of(wire::password_message{"md58bd075d5e7d2b818ab12e416568949d3"}));
  EXPECT_FALSE(after_startup(options, clear)) << "one is not the other";
  EXPECT_FALSE(after_startup(options, plain_offer()));
  EXPECT_FALSE(after_startup(options, authentication(wire::authentication_ok{})));
}

TEST(authentication, the_old_methods_are_asked_for_once_and_then_done) {
  auto options = options_for_tests();
  options.authentication = {false, false, true, true};
  startup machine{options, tls_use::none, nonce};
  machine.begin();
  const auto clear = authentication(wire::authentication_cleartext_password{});
  const auto md5 = authentication(wire::authentication_md5_password{});
  EXPECT_TRUE(machine.on_frame(frame_of(clear)));
  EXPECT_FALSE(machine.on_frame(frame_of(md5))) << "the same password again, for another use";
  startup again{options, tls_use::none, nonce};
  again.begin();
  EXPECT_TRUE(again.on_frame(frame_of(md5)));
  EXPECT_TRUE(again.on_frame(frame_of(authentication(wire::authentication_ok{}))));
  EXPECT_EQ(again.stage(), wire::stage::established);
}

TEST(authentication, require_auth_is_kept) {
  auto options = options_for_tests();
  options.authentication = {false, true, false, false};
  EXPECT_THAT(after_startup(options, authentication(wire::authentication_ok{})).error().message,
              HasSubstr("require_auth"));
  EXPECT_TRUE(after_startup(options, plain_offer()));
  options.authentication = {true, false, false, false};
  EXPECT_TRUE(after_startup(options, authentication(wire::authentication_ok{})));
  EXPECT_THAT(after_startup(options, plain_offer()).error().message, HasSubstr("require_auth"));
}

TEST(authentication, a_missing_password_is_said_before_anything_is_sent) {
  auto options = options_for_tests();
  options.password = secret{};
  options.authentication = {true, true, true, true};
  options.password_remark = "the password file /p is a pipe";
  for (const auto& request : {plain_offer(), authentication(wire::authentication_md5_password{}),
                              authentication(wire::authentication_cleartext_password{})}) {
    const auto outcome = after_startup(options, request);
    ASSERT_FALSE(outcome);
    EXPECT_THAT(outcome.error().message, AllOf(HasSubstr("PGPASSWORD"), HasSubstr("/p is a pipe")));
  }
}

TEST(authentication, a_server_that_skips_its_own_proof_is_refused) {
  const auto outcome = happy_until(9, authentication(wire::authentication_ok{}));
  ASSERT_FALSE(outcome);
  EXPECT_THAT(outcome.error().message, HasSubstr("before it proved"));
}

}  // namespace
}  // namespace ingestor::pg::fsm
