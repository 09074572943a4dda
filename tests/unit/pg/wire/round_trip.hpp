// What every message must survive: encode, frame, decode; and losing or gaining a byte.
#pragma once

#include "pg/wire/reader.hpp"
#include "pg/wire/writer.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace ingestor::pg::wire {

template <class Message>
std::string encoded(const Message& message) {
  writer out;
  message.encode(out);
  const auto bytes = out.finish();
  EXPECT_TRUE(bytes) << bytes.error().reason;
  return bytes ? std::string{as_text(*bytes)} : std::string{};
}

/// The body of an encoded message with a type byte, after a look at its header.
inline std::string body_of(const std::string& message) {
  reader header{as_bytes(message).first(5)};
  header.byte();
  EXPECT_EQ(static_cast<std::size_t>(header.int32()) + 1, message.size());
  return message.substr(5);
}

template <class Message>
void expect_round_trip(const Message& message) {
  const auto bytes = encoded(message);
  ASSERT_EQ(bytes.front(), Message::type);
  const auto body = body_of(bytes);
  const auto again = Message::decode(as_bytes(body));
  ASSERT_TRUE(again) << again.error().reason;
  EXPECT_EQ(encoded(*again), bytes);
}

/// For messages whose end is not simply the end of the frame: every shorter body is refused, and
/// so is one with a byte too many.
template <class Message>
void expect_exact(const Message& message) {
  expect_round_trip(message);
  const auto body = body_of(encoded(message));
  for (std::size_t size = 0; size < body.size(); ++size) {
    EXPECT_FALSE(Message::decode(as_bytes(body).first(size))) << "cut to " << size;
  }
  const auto longer = body + 'x';
  EXPECT_FALSE(Message::decode(as_bytes(longer)));
}

}  // namespace ingestor::pg::wire
