#include "terminal/key.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string_view>
#include <vector>

namespace ingestor::terminal {

static bool operator==(const key& a, const key& b) {
  return a.name == b.name && a.character == b.character;
}

namespace {

using ::testing::ElementsAre;

constexpr key typed(char32_t c) {
  return {key_name::character, c};
}

std::vector<key> keys(std::u32string_view text) {
  std::vector<key> arrived;
  for (const auto c : text) arrived.push_back(typed(c));
  return keys_of(arrived);
}

TEST(keys, characters_are_themselves) {
  EXPECT_THAT(keys(U"q é"), ElementsAre(typed('q'), typed(' '), typed(U'é')));
}

TEST(keys, controls_have_names) {
  EXPECT_THAT(keys(U"\r\n\t\f\b\x7f\x01"),
              ElementsAre(key{key_name::enter}, key{key_name::enter}, key{key_name::tab},
                          key{key_name::redraw}, key{key_name::backspace}, key{key_name::backspace},
                          key{key_name::other}));
}

TEST(keys, those_that_are_known_stay) {
  const std::vector<key> arrived{{key_name::up}, typed('s'), {key_name::page_down}};
  EXPECT_EQ(keys_of(arrived), arrived);
}

TEST(keys, escape_alone_is_a_key) {
  EXPECT_THAT(keys(U"\x1b"), ElementsAre(key{key_name::escape}));
  const std::vector<key> arrived{typed(0x1b), {key_name::up}};
  EXPECT_THAT(keys_of(arrived), ElementsAre(key{key_name::escape}, key{key_name::up}));
}

TEST(keys, of_a_sequence_that_nobody_knows_no_letter_is_a_command) {
  EXPECT_THAT(keys(U"\x1b[1;5Aq"), ElementsAre(key{key_name::other}, typed('q')));
  EXPECT_THAT(keys(U"\x1b[200~"), ElementsAre(key{key_name::other}));
  EXPECT_THAT(keys(U"\x1bOqs"), ElementsAre(key{key_name::other}, typed('s')));
  EXPECT_THAT(keys(U"\x1bqs"), ElementsAre(key{key_name::other}, typed('s')));
  EXPECT_THAT(keys(U"\x1b["), ElementsAre(key{key_name::other}));
  EXPECT_THAT(keys(U"\x1bO"), ElementsAre(key{key_name::other}));
}

}  // namespace
}  // namespace ingestor::terminal
