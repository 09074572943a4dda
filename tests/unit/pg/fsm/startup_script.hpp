// A login as a list of events, for tests of the machine that takes them.
#pragma once

#include "base/base64.hpp"
#include "messages.hpp"
#include "pg/fsm/startup.hpp"

#include <gtest/gtest.h>

#include <array>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace ingestor::pg::fsm {

// RFC 7677's exchange with an empty user name, as PostgreSQL's clients do it, bound to end_point();
// the signature was computed with another implementation (Python's hashlib).
inline const std::string nonce = "rOprNGfwEbeRWgbNEkqO";
inline const std::string server_first =
    "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
inline const std::string server_final = "v=ykwoqH8mLqO5AQCeuwwf6lsj9f8zyJZT/CcvAbN4Ssc=";

inline connection_options options_for_tests() {
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

/// What a TLS handshake settles in these tests: the bytes 0 to 31 stand for the certificate's hash.
inline tls_facts facts() {
  tls_facts settled;
  for (unsigned each = 0; each < 32; ++each) settled.end_point.push_back(std::byte(each));
  return settled;
}

inline std::string plain_offer() {
  return authentication(wire::authentication_sasl{{"SCRAM-SHA-256"}});
}

inline std::string sasl_offer() {
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

inline wire::scram_key key() {
  static const auto derived =
      wire::derive_key("pencil", *base64_decode("W22ZaJ0SNY7soEsUEjb6gQ=="), 4096);
  return derived;
}

inline startup::action feed(startup& machine, const event& what) {
  if (const auto* const message = std::get_if<std::string>(&what)) {
    return machine.on_frame(frame_of(*message));
  }
  if (const auto* const answer = std::get_if<tls_answer>(&what)) {
    return machine.on_tls_answer(answer->byte, answer->more);
  }
  if (std::holds_alternative<tls_done>(what)) return machine.on_tls_established(facts());
  if (std::holds_alternative<key_done>(what)) return machine.on_key(key());
  return machine.on_sent();
}

/// A login over TLS with a password, to a server that has to be asked for its role.
inline const std::vector<event> happy_path{
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

inline std::string kind_of(const io_request& request) {
  constexpr std::array<const char*, 6> names{"send ", "receive ", "answer ",
                                             "tls ",  "key ",     "finished "};
  return names[request.index()];
}

inline connection_options read_write_options() {
  auto options = options_for_tests();
  options.target = session_attributes::read_write;
  return options;
}

/// Plays the happy path up to `at`, then `instead`.
inline startup::action happy_until(std::size_t at, const event& instead,
                                   std::optional<tls_use>* retry = nullptr) {
  static const auto options = read_write_options();
  startup machine{options, tls_use::if_offered, nonce};
  EXPECT_TRUE(machine.begin());
  for (std::size_t i = 0; i < at; ++i) EXPECT_TRUE(feed(machine, happy_path[i]));
  auto outcome = feed(machine, instead);
  if (retry) *retry = machine.retry();
  return outcome;
}

/// A plain connection after its StartupMessage, and the server's next message.
inline startup::action after_startup(const connection_options& options,
                                     const std::string& message) {
  startup machine{options, tls_use::none, nonce};
  machine.begin();
  machine.on_sent();
  return machine.on_frame(frame_of(message));
}

}  // namespace ingestor::pg::fsm
