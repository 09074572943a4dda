// What a server answers when all goes well, and how a handler takes it.
#pragma once

#include "messages.hpp"
#include "pg/fsm/copy_in.hpp"
#include "pg/fsm/pipeline.hpp"
#include "pg/wire/copy.hpp"

#include <string>
#include <vector>

namespace ingestor::pg::fsm {

/// More than any script has rows.
inline constexpr std::size_t plenty = 1'000'000;

inline const std::vector<statement> two_statements{
    {"count", "select count(*) from t", {}, {wire::oid::int8}},
    {"touch", "update t set a = $1", {wire::int8(1)}, {}},
};

inline const wire::row_description one_bigint{
    {{"count", 0, 0, wire::oid::int8, 8, -1, wire::format::binary}}};

inline std::string row(const wire::parameter& value) {
  return bytes_of(wire::data_row{{const_bytes{*value.value}}});
}

inline std::string complete(const char* tag) {
  return bytes_of(wire::command_complete{tag});
}

/// To two_statements.
inline std::vector<std::string> pipeline_replied() {
  return {bytes_of(wire::parse_complete{}),
          bytes_of(wire::bind_complete{}),
          bytes_of(one_bigint),
          row(wire::int8(7)),
          complete("SELECT 1"),
          bytes_of(wire::parse_complete{}),
          bytes_of(wire::bind_complete{}),
          bytes_of(wire::no_data{}),
          complete("UPDATE 3"),
          ready('I')};
}

/// Feeds messages until the handler is finished or gives up; plays the client's part of a COPY.
inline step play(replies& handler, const std::vector<std::string>& messages,
                 session_state& session) {
  step last{next::receive};
  for (const auto& message : messages) {
    last = handler.receive(frame_of(message), session);
    if (!last || *last == next::finished) return last;
    if (*last == next::proceed) dynamic_cast<copy_in_replies&>(handler).end_of_data();
  }
  return last;
}

}  // namespace ingestor::pg::fsm
