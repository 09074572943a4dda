#include "pg/wire/frame.hpp"

#include "pg/wire/frame_buffer.hpp"
#include "pg/wire/query.hpp"
#include "pg/wire/session.hpp"
#include "round_trip.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

namespace ingestor::pg::wire {
namespace {

constexpr frame_limits before{stage::authenticating, 1'000'000};
constexpr frame_limits after{stage::established, 1'000'000};

void feed(frame_buffer& buffer, std::string_view text) {
  while (!text.empty()) {
    const auto room = buffer.prepare();
    const auto taken = std::min(room.size(), text.size());
    std::copy_n(as_bytes(text).begin(), taken, room.begin());
    buffer.commit(taken);
    text.remove_prefix(taken);
  }
}

TEST(frame, limits_before_authentication_are_those_of_libpq) {
  EXPECT_FALSE(body_bytes('R', 7, before));
  EXPECT_TRUE(body_bytes('R', 8, before));
  EXPECT_TRUE(body_bytes('R', 2'000, before));
  EXPECT_FALSE(body_bytes('R', 2'001, before));
  EXPECT_TRUE(body_bytes('E', 30'000, before));
  EXPECT_FALSE(body_bytes('E', 30'001, before));
  EXPECT_TRUE(body_bytes('N', 100, before));
  for (const char type : {'S', 'K', 'Z', 'T', 'D', 'G', 'A', 'x'}) {
    EXPECT_FALSE(body_bytes(type, 8, before)) << type;
  }
}

TEST(frame, only_types_that_may_be_long_may_be_long) {
  for (const char type : {'E', 'N', 'A', 'T', 't', 'd'}) {
    EXPECT_TRUE(body_bytes(type, 1'000'000, after)) << type;
    EXPECT_FALSE(body_bytes(type, long_message_bytes_max + 1, after)) << type;
  }
  for (const char type : {'S', 'K', 'Z', 'C', 'G', '1', '2', 'n'}) {
    EXPECT_TRUE(body_bytes(type, 30'000, after)) << type;
    EXPECT_FALSE(body_bytes(type, 30'001, after)) << type;
  }
  EXPECT_TRUE(body_bytes('D', 1'000'000, after));
  EXPECT_FALSE(body_bytes('D', 1'000'001, after));
}

TEST(frame, a_length_that_does_not_even_count_itself_is_refused) {
  for (const std::int32_t length : {3, 0, -1, std::numeric_limits<std::int32_t>::min()}) {
    EXPECT_FALSE(body_bytes('D', length, after)) << length;
  }
  const auto empty = body_bytes('1', 4, after);
  ASSERT_TRUE(empty);
  EXPECT_EQ(*empty, 0U);
}

TEST(frame, a_refusal_shows_no_unprintable_byte) {
  EXPECT_EQ(body_bytes('\x01', 4, after).error().reason,
            "a message of type number 1 has no place here");
}

TEST(frame_buffer, gives_frames_however_the_bytes_are_cut) {
  const auto text = encoded(command_complete{"COPY 1"}) + encoded(ready_for_query{'T'});
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    frame_buffer buffer;
    std::vector<char> types;
    for (const auto& part : {text.substr(0, cut), text.substr(cut)}) {
      feed(buffer, part);
      for (;;) {
        const auto next = buffer.next(after);
        ASSERT_TRUE(next);
        if (!*next) break;
        types.push_back((*next)->type);
      }
    }
    EXPECT_EQ(types, (std::vector{'C', 'Z'})) << cut;
    EXPECT_EQ(buffer.waiting(), 0U);
  }
}

TEST(frame_buffer, a_large_claim_costs_nothing_until_bytes_come) {
  frame_buffer buffer;
  feed(buffer, std::string{"D\x00\x0f\x00\x00", 5});
  ASSERT_TRUE(buffer.next(after));
  buffer.prepare();
  EXPECT_EQ(buffer.capacity(), frame_buffer_bytes);
}

TEST(frame_buffer, grows_for_one_large_frame_and_gives_the_memory_back) {
  std::string text{"D\x00\x0b\x00\x04", 5};
  text += std::string(0x0b0000, 'x');
  frame_buffer buffer;
  std::string_view rest{text};
  bool seen = false;
  while (!rest.empty()) {
    const auto part = rest.substr(0, 10'000);
    feed(buffer, part);
    rest.remove_prefix(part.size());
    const auto next = buffer.next(after);
    ASSERT_TRUE(next);
    if (*next) {
      seen = true;
      EXPECT_EQ((*next)->body.size(), 0x0b0000U);
    }
  }
  EXPECT_TRUE(seen);
  EXPECT_LE(buffer.capacity(), text.size() + frame_buffer_bytes);
  buffer.prepare();
  EXPECT_EQ(buffer.capacity(), frame_buffer_bytes);
}

TEST(frame_buffer, before_authentication_no_frame_makes_it_grow) {
  std::string text{"E\x00\x00\x75\x30", 5};
  text += std::string(30'000 - 4, 'x');
  frame_buffer buffer;
  feed(buffer, text);
  const auto next = buffer.next(before);
  ASSERT_TRUE(next && *next);
  EXPECT_EQ(buffer.capacity(), frame_buffer_bytes);
}

TEST(frame_buffer, takes_the_single_byte_that_answers_an_ssl_request) {
  frame_buffer buffer;
  feed(buffer, "S");
  EXPECT_EQ(buffer.take_byte(), 'S');
  EXPECT_EQ(buffer.waiting(), 0U);
}

}  // namespace
}  // namespace ingestor::pg::wire
