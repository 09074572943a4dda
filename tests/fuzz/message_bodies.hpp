// A body that decodes as a message, of whichever direction, is what that message encodes to.
#pragma once

#include "pg/wire/authentication.hpp"
#include "pg/wire/copy.hpp"
#include "pg/wire/extended.hpp"
#include "pg/wire/notice.hpp"
#include "pg/wire/query.hpp"
#include "pg/wire/reader.hpp"
#include "pg/wire/rows.hpp"
#include "pg/wire/session.hpp"
#include "pg/wire/startup.hpp"
#include "require.hpp"

#include <algorithm>
#include <type_traits>
#include <variant>

namespace ingestor::pg::wire {

/// What encode() wrote, after a look at its header.
template <class Message>
const_bytes body_of(const_bytes encoded) {
  reader in{encoded};
  if constexpr (requires { Message::type; }) {
    require(static_cast<char>(in.byte()) == Message::type);
  }
  require(static_cast<std::size_t>(in.int32()) == in.remaining() + 4);
  return in.rest();
}

template <class Message>
void check_as(const_bytes body) {
  const auto message = Message::decode(body);
  if (!message) return require(!message.error().reason.empty());
  writer out;
  message->encode(out);
  const auto encoded = out.finish();
  require(encoded.has_value());
  const auto again = body_of<Message>(*encoded);
  if constexpr (std::is_same_v<Message, authentication>) {
    // What belongs to a method that is not known is not kept.
    if (std::holds_alternative<authentication_unsupported>(message->request)) {
      const auto same = Message::decode(again);
      return require(same && *same == *message);
    }
  }
  require(std::ranges::equal(again, body));
}

template <class... Messages>
void check_as_each(const_bytes body) {
  (check_as<Messages>(body), ...);
}

inline void check_as_every_message(const_bytes body) {
  check_as_each<authentication, password_message, sasl_initial_response, sasl_response, ssl_request,
                startup_message, cancel_request, negotiate_protocol_version, parameter_status,
                notification_response, backend_key_data, ready_for_query, terminate, error_response,
                notice_response>(body);
  check_as_each<query, command_complete, empty_query_response, parse, bind, describe, execute,
                close, sync, flush, parse_complete, bind_complete, close_complete, no_data,
                portal_suspended, row_description, parameter_description, data_row>(body);
  check_as_each<copy_in_response, copy_out_response, copy_both_response, copy_data, copy_done,
                copy_fail>(body);
}

}  // namespace ingestor::pg::wire
