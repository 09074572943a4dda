// Many messages are a type byte and nothing else.
#pragma once

#include "pg/wire/reader.hpp"
#include "pg/wire/writer.hpp"

namespace ingestor::pg::wire {

template <char Type>
struct empty_message {
  static constexpr char type = Type;

  void encode(writer& out) const {
    out.begin(type);
    out.end();
  }
  static decoded<empty_message> decode(const_bytes body) {
    return reader{body}.finish("a message without a body", empty_message{});
  }
  friend bool operator==(const empty_message&, const empty_message&) = default;
};

}  // namespace ingestor::pg::wire
