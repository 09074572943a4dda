#include "pg/wire/types/parameter.hpp"
#include "pg/wire/types/timestamptz.hpp"
#include "pg/wire/types/value.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <stdexcept>

namespace ingestor::pg::wire {
namespace {

using namespace std::string_literals;

template <class T>
void expect_round_trip(const parameter& sent, const T& value) {
  ASSERT_TRUE(sent.value);
  EXPECT_TRUE(well_formed(sent.type, *sent.value));
  EXPECT_EQ(value_as<T>(sent.type, *sent.value), value);
  auto longer = *sent.value;
  longer.push_back(std::byte{});
  const bool of_any_width =
      sent.type == oid::text || sent.type == oid::bytea || sent.type == oid::jsonb;
  EXPECT_EQ(well_formed(sent.type, longer), of_any_width);
}

timestamp at(std::int64_t microseconds) {
  return timestamp{std::chrono::microseconds{microseconds}};
}

TEST(types, scalars_round_trip) {
  expect_round_trip(boolean(true), true);
  expect_round_trip(boolean(false), false);
  expect_round_trip(int2(-2), std::int16_t{-2});
  expect_round_trip(int4(std::numeric_limits<std::int32_t>::min()),
                    std::numeric_limits<std::int32_t>::min());
  expect_round_trip(int8(-9'000'000'000), std::int64_t{-9'000'000'000});
  expect_round_trip(float8(-0.1), -0.1);
  expect_round_trip(text("grün"), "grün"s);
  expect_round_trip(jsonb(R"({"a":1})"), R"({"a":1})"s);
  expect_round_trip(bytea(as_bytes("\0x"s)), std::vector{std::byte{0}, std::byte{'x'}});
  const uuid_bytes id{std::byte{1}, std::byte{2}};
  expect_round_trip(uuid(id), id);
  expect_round_trip(timestamptz(at(-1)), at(-1));
}

TEST(types, arrays_round_trip) {
  const std::vector<std::string> texts{"a", "", "ü"};
  expect_round_trip(text_array(texts), texts);
  const std::vector<std::int64_t> numbers{1, -1};
  expect_round_trip(int8_array(numbers), numbers);
  const std::vector<std::int32_t> small{7};
  expect_round_trip(int4_array(small), small);
  const std::vector<timestamp> times{at(0), timestamp::max()};
  expect_round_trip(timestamptz_array(times), times);
  expect_round_trip(int8_array({}), std::vector<std::int64_t>{});
}

TEST(types, an_array_is_read_only_whole) {
  const auto sent = *text_array(std::vector<std::string>{"one", "two"}).value;
  for (std::size_t size = 0; size < sent.size(); ++size) {
    EXPECT_FALSE(well_formed(oid::text_array, const_bytes{sent}.first(size))) << size;
  }
  EXPECT_FALSE(well_formed(oid::int8_array, sent)) << "elements of another type";
  const auto null_inside = "\0\0\0\x01\0\0\0\x01\0\0\0\x19\0\0\0\x01\0\0\0\x01\xff\xff\xff\xff"s;
  EXPECT_FALSE(well_formed(oid::text_array, as_bytes(null_inside)));
  const auto endless = "\0\0\0\x01\0\0\0\0\0\0\0\x19\x7f\xff\xff\xff\0\0\0\x01"s;
  EXPECT_FALSE(well_formed(oid::text_array, as_bytes(endless)));
  const auto two_dimensions = "\0\0\0\x02\0\0\0\0\0\0\0\x19"s;
  EXPECT_FALSE(well_formed(oid::text_array, as_bytes(two_dimensions)));
}

TEST(types, null_has_no_bytes) {
  EXPECT_EQ(null(oid::uuid), (parameter{oid::uuid, std::nullopt}));
}

TEST(types, widths_are_checked) {
  EXPECT_FALSE(well_formed(oid::int8, as_bytes("1234")));
  EXPECT_FALSE(well_formed(oid::boolean, {}));
  EXPECT_FALSE(well_formed(oid::jsonb, {}));
  EXPECT_FALSE(well_formed(oid::jsonb, as_bytes("\x02{}"))) << "another version";
  EXPECT_FALSE(well_formed(static_cast<oid>(600), as_bytes("point")));
  EXPECT_TRUE(well_formed(oid::varchar, as_bytes("x")));
}

TEST(types, reading_a_type_as_another_is_a_mistake_in_the_program) {
  const auto value = *int8(1).value;
  EXPECT_THROW(value_as<std::int32_t>(oid::int8, value), std::logic_error);
  EXPECT_THROW(value_as<std::string>(oid::int8, value), std::logic_error);
  EXPECT_THROW(value_as<std::vector<std::int64_t>>(oid::int8, value), std::logic_error);
}

TEST(types, points_in_time_never_wrap) {
  EXPECT_EQ(to_postgres(postgres_epoch), 0);
  EXPECT_EQ(from_postgres(0), postgres_epoch);
  EXPECT_EQ(to_postgres(at(0)), -946'684'800'000'000);
  EXPECT_EQ(to_postgres(timestamp::max()), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(to_postgres(timestamp::min()), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(to_postgres(timestamp::min() + std::chrono::microseconds{1}),
            std::numeric_limits<std::int64_t>::min() + 1)
      << "finite, so not -infinity";
  EXPECT_EQ(from_postgres(std::numeric_limits<std::int64_t>::max()), timestamp::max());
  EXPECT_EQ(from_postgres(std::numeric_limits<std::int64_t>::min()), timestamp::min());
  EXPECT_EQ(from_postgres(std::numeric_limits<std::int64_t>::max() - 1), timestamp::max());
}

TEST(types, have_the_names_people_know) {
  EXPECT_EQ(name_of(oid::timestamptz), "timestamp with time zone");
  EXPECT_EQ(name_of(static_cast<oid>(600)), "type 600");
}

}  // namespace
}  // namespace ingestor::pg::wire
