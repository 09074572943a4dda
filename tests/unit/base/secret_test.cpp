#include "base/secret.hpp"

#include "base/secret_shapes.hpp"
#include "base/wipe.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <ostream>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace {

// What a block of memory held when it was freed.
const void* watched = nullptr;
bool wiped = false;

void look_at(const void* block) {
  if (watched == nullptr || block != watched) return;
  const auto* const bytes = static_cast<const unsigned char*>(block);
  wiped = bytes[0] == 0 && std::memcmp(bytes, bytes + 1, 31) == 0;
  watched = nullptr;
}

}  // namespace

void* operator new(std::size_t bytes) {
  if (void* const block = std::malloc(bytes)) return block;
  throw std::bad_alloc{};
}
void operator delete(void* block) noexcept {
  look_at(block);
  std::free(block);
}
void operator delete(void* block, std::size_t) noexcept {
  look_at(block);
  std::free(block);
}

namespace ingestor {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

template <class T>
concept printable = requires(std::ostream& out, const T& value) { out << value; };
template <class T>
concept added_to_text = requires(std::string text, const T& value) { text + value; };
template <class T>
concept added_before_text = requires(std::string text, const T& value) { value + text; };
template <class T>
concept appended = requires(std::string text, const T& value) { text.append(value); };
template <class T>
concept added_in_place = requires(std::string text, const T& value) { text += value; };
template <class T>
concept compared_with_text = requires(std::string text, const T& value) { text == value; };
template <class T>
concept made_text_of = requires(const T& value) { std::to_string(value); };

// The checks themselves find what they look for.
static_assert(printable<std::string> && added_to_text<std::string> && appended<std::string>);
static_assert(added_before_text<std::string> && added_in_place<std::string>);
static_assert(compared_with_text<std::string> && made_text_of<int>);

static_assert(!printable<secret>);
static_assert(!added_to_text<secret> && !added_before_text<secret>);
static_assert(!appended<secret> && !added_in_place<secret>);
static_assert(!compared_with_text<secret> && !made_text_of<secret>);
static_assert(!std::is_convertible_v<secret, std::string>);
static_assert(!std::is_convertible_v<secret, std::string_view>);
static_assert(!std::is_convertible_v<secret, const char*>);
static_assert(!std::is_convertible_v<secret, bool>);
static_assert(!std::is_constructible_v<std::string, secret>);
static_assert(!std::is_constructible_v<std::string_view, secret>);
static_assert(!std::is_convertible_v<std::string, secret>);

constexpr std::string_view password = "p@ss/w:rd+ %\"<&>\\ and some more of it";

TEST(secret, keeps_its_value_through_copies_and_moves) {
  const secret one{std::string{password}};
  auto copy = one;
  const auto moved = std::move(copy);
  EXPECT_EQ(moved.reveal(), password);
  EXPECT_EQ(moved, one);
  EXPECT_NE(one, secret{"another"});
  EXPECT_TRUE(secret{}.empty());
  EXPECT_TRUE(secret{""}.empty());
  EXPECT_EQ(secret{}.reveal(), "");
  EXPECT_EQ(secret{}, secret{""});
}

TEST(secret, wipes_what_it_was_given) {
  std::string text{"0123456789"};
  wipe(text);
  EXPECT_EQ(text, "");
  EXPECT_EQ(text.data()[5], '\0');
}

TEST(secret, overwrites_its_memory_when_the_last_copy_goes) {
  wiped = false;
  auto one = std::make_unique<secret>(std::string{password});
  watched = one->reveal().data();
  auto copy = std::make_unique<secret>(*one);
  one.reset();
  EXPECT_EQ(copy->reveal(), password);
  EXPECT_FALSE(wiped);
  copy.reset();
  EXPECT_TRUE(wiped);
}

TEST(secret, watches_that_memory_rightly) {
  wiped = true;
  auto plain = std::make_unique<std::string>(password);
  watched = plain->data();
  plain.reset();
  EXPECT_FALSE(wiped);
}

TEST(without_secrets, takes_out_each_shape) {
  const secret one{std::string{password}};
  for (const auto& shape : shapes_of(password)) {
    EXPECT_EQ(without_secrets("before " + shape + " after"), "before *** after");
    EXPECT_EQ(without_secrets(shape + shape), "******");
    EXPECT_EQ(without_secrets(shape), "***");
  }
}

TEST(without_secrets, knows_the_shapes) {
  const auto shapes = shapes_of("p@ss/w:rd+ %");
  for (const auto* shape : {"p@ss/w:rd+ %", "p%40ss%2Fw%3Ard%2B%20%25", "p%40ss%2fw%3ard%2b+%25",
                            "704073732f773a72642b2025", "704073732F773A72642B2025",
                            "cEBzcy93OnJkKyAl", "BAc3MvdzpyZCsgJ", "p@ss\\/w:rd+ %"}) {
    EXPECT_THAT(shapes, Contains(shape));
  }
  EXPECT_THAT(shapes_of("a\"<&>'\\b"), Contains("a&quot;&lt;&amp;&gt;&#39;\\b"));
  EXPECT_THAT(shapes_of("a\"<&>'\\b"), Contains("a\\\"<&>'\\\\b"));
  EXPECT_THAT(shapes_of("\xff\xfe\xfd\xff\xff\xff\xff\xff"), Contains("__79______"));
}

TEST(without_secrets, finds_base64_whatever_stands_before_it) {
  const secret one{"0123456789abcdef"};
  // `printf user:0123456789abcdef | base64`, and with one and two bytes more in front.
  for (const auto* text : {"dXNlcjowMTIzNDU2Nzg5YWJjZGVm", "YXVzZXI6MDEyMzQ1Njc4OWFiY2RlZg==",
                           "YWF1c2VyOjAxMjM0NTY3ODlhYmNkZWY="}) {
    EXPECT_THAT(without_secrets(text), HasSubstr("***")) << text;
    EXPECT_LE(without_secrets(text).size(), 16U) << text;
  }
}

TEST(without_secrets, takes_out_what_was_cut) {
  const secret one{"0123456789abcdef"};
  EXPECT_EQ(without_secrets("the token 0123456789abc… is wrong"), "the token ***… is wrong");
  EXPECT_EQ(without_secrets("the token 0123456789abc"), "the token ***");
  EXPECT_EQ(without_secrets("the token 0123456789a"), "the token 0123456789a");
}

TEST(without_secrets, leaves_other_texts_where_they_are) {
  const secret one{"0123456789abcdef"};
  std::string room;
  const std::string text = "nothing of it";
  EXPECT_EQ(without_secrets(text, room).data(), text.data());
  EXPECT_EQ(without_secrets(""), "");
  EXPECT_EQ(without_secrets("0"), "0");
}

TEST(without_secrets, passes_over_words_and_what_is_short) {
  const secret word{"postgres"};
  const secret shorter{"a1b2c3d"};
  EXPECT_EQ(without_secrets("database \"postgres\" a1b2c3d"), "database \"postgres\" a1b2c3d");
}

TEST(without_secrets, forgets_a_secret_with_its_last_copy) {
  auto one = std::make_unique<secret>("0123456789abcdef");
  const secret twin{"0123456789abcdef"};
  const auto copy = *one;
  one.reset();
  EXPECT_EQ(without_secrets("0123456789abcdef"), "***");
  {
    const secret passing{"fedcba9876543210"};
    EXPECT_EQ(without_secrets("fedcba9876543210"), "***");
  }
  EXPECT_EQ(without_secrets("fedcba9876543210"), "fedcba9876543210");
}

}  // namespace
}  // namespace ingestor
