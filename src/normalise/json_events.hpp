// How taoJSON's grammar reports to a consumer here. Internal to json_parser.cpp.
//
// The events are those of taoJSON (containers, keys, values in the order of the text), but each
// carries its place in the text instead of a converted value.
#pragma once

#include "normalise/json_scan.hpp"
#include "normalise/rejection.hpp"

#include <tao/json/internal/errors.hpp>
#include <tao/json/internal/grammar.hpp>

#include <cstddef>
#include <string_view>

namespace ingestor::normalise::json_events {

namespace pegtl = tao::json::pegtl;
namespace rules = tao::json::internal::rules;

/// Thrown through the parser, which has no other way to stop; never leaves json_parser.cpp.
struct refusal {
  reject_code code;
  const char* what;
  const char* at;
};

template <class Rule>
struct action : pegtl::nothing<Rule> {};

template <>
struct action<rules::object::begin> {
  template <class Input, class Consumer>
  static void apply(const Input& in, Consumer& consumer) {
    consumer.begin_container(in.begin());
  }
};

template <>
struct action<rules::array::begin> : action<rules::object::begin> {};

template <>
struct action<rules::object::end> {
  template <class Consumer>
  static void apply0(Consumer& consumer) {
    consumer.end_container();
  }
};

template <>
struct action<rules::array::end> : action<rules::object::end> {};

template <>
struct action<rules::key::content> {
  template <class Input, class Consumer>
  static void apply(const Input& in, Consumer& consumer) {
    consumer.key(in.string_view());
  }
};

/// The digits of a number; a minus sign stands in front of them.
template <bool Negative>
struct action<rules::number<Negative>> {
  template <class Input, class Consumer>
  static void apply(const Input& in, Consumer& consumer) {
    consumer.number(in.string_view(), Negative);
  }
};

template <>
struct action<rules::exp> {
  template <class Input, class Consumer>
  static void apply(const Input& in, Consumer& consumer) {
    consumer.exponent(in.string_view());
  }
};

/// A number that is 0 has its own rule; it is within every limit.
template <bool Negative>
struct action<rules::zero<Negative>> {
  template <class Consumer>
  static void apply0(Consumer& /*consumer*/) {}
};

/// Where a rule that must match does not.
template <class Rule>
struct located : pegtl::normal<Rule> {
  template <class Input, class... States>
  [[noreturn]] static void raise(const Input& in, States&&... /*unused*/) {
    throw refusal{reject_code::not_json, tao::json::internal::errors<Rule>::error_message,
                  in.current()};
  }
};

template <class Rule>
struct control : located<Rule> {};

/// taoJSON decodes and checks each character here; the line is known to be UTF-8 already, and most
/// of its bytes are inside strings.
template <>
struct control<rules::unescaped> : located<rules::unescaped> {
  template <pegtl::apply_mode, pegtl::rewind_mode, template <class...> class Action,
            template <class...> class Control, class Input, class... States>
  static bool match(Input& in, States&&... /*unused*/) {
    const auto length = plain_length(in.current(), in.end());
    in.bump_in_this_line(length);
    return length != 0;
  }
};

/// Every value passes here, whatever it is.
template <>
struct control<rules::sor_value> : pegtl::normal<rules::sor_value> {
  template <class Input, class Consumer>
  static void start(const Input& in, Consumer& consumer) {
    consumer.begin_value(in.current());
  }

  template <class Input, class Consumer>
  static void success(const Input& in, Consumer& consumer) {
    consumer.end_value(in.current());
  }
};

}  // namespace ingestor::normalise::json_events
