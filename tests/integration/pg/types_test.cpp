// The server as the oracle of every binary form: what our encoders write for a value is what the
// server's own send function makes of the same value in SQL, and what comes back is that value.
// INGESTOR_TEST_SEED chooses the random ones.
#include "database.hpp"
#include "pg/wire/copy_binary_reader.hpp"
#include "pg/wire/types/timestamptz.hpp"

#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <charconv>
#include <cstdio>
#include <limits>
#include <random>

namespace ingestor::pg {
namespace {

using wire::oid;
using bytes = std::vector<std::byte>;
using random = std::mt19937_64;

constexpr int random_values = 200;
constexpr std::size_t large_bytes = 100'000;

/// A value, as an expression in SQL that none of our encoders had a part in.
template <class T>
struct sample {
  T value;
  std::string sql;
};

template <class T>
using samples = std::vector<sample<T>>;

random seeded() {
  std::uint64_t seed = 1;
  const auto text = environment("INGESTOR_TEST_SEED");
  std::from_chars(text.data(), text.data() + text.size(), seed);
  return random{seed};
}

std::string literal(std::string_view text) {
  return "'" + std::string{text} + "'";
}

std::string hexadecimal(const_bytes value) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const auto each : value) {
    text += digits[std::to_integer<unsigned>(each) >> 4];
    text += digits[std::to_integer<unsigned>(each) & 15];
  }
  return text;
}

bytes random_bytes(random& chance, std::size_t count) {
  bytes made(count);
  for (auto& each : made) each = static_cast<std::byte>(chance());
  return made;
}

sample<bool> sample_of(bool value) {
  return {value, value ? "true" : "false"};
}

template <std::integral Integer>
sample<Integer> sample_of(Integer value) {
  return {value, literal(std::to_string(value))};
}

sample<double> sample_of(double value) {
  std::array<char, 40> text{};
  auto* const end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  return {value, literal({text.data(), static_cast<std::size_t>(end - text.data())})};
}

sample<bytes> sample_of(bytes value) {
  auto sql = "decode(" + literal(hexadecimal(value)) + ", 'hex')";
  return {std::move(value), std::move(sql)};
}

sample<std::string> sample_of(std::string value) {
  auto sql = "convert_from(decode(" + literal(hexadecimal(as_bytes(value))) + ", 'hex'), 'UTF8')";
  return {std::move(value), std::move(sql)};
}

sample<wire::uuid_bytes> sample_of(wire::uuid_bytes value) {
  return {value, literal(hexadecimal(value))};
}

sample<timestamp> sample_of(timestamp value) {
  if (value == timestamp::max()) return {value, "'infinity'"};
  if (value == timestamp::min()) return {value, "'-infinity'"};
  const auto midnight = std::chrono::floor<std::chrono::days>(value);
  // The calendar repeats itself after 400 years; chrono's ends in 32767.
  constexpr std::chrono::days era{146'097};
  auto eras = midnight.time_since_epoch() / era;
  if (midnight.time_since_epoch() % era < std::chrono::days{0}) --eras;
  const std::chrono::year_month_day day{midnight - eras * era};
  const std::chrono::hh_mm_ss time{value - midnight};
  const int year = static_cast<int>(day.year()) + 400 * static_cast<int>(eras);
  std::array<char, 80> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02u %02d:%02d:%02d.%06d+00%s",
                year > 0 ? year : 1 - year, static_cast<unsigned>(day.month()),
                static_cast<unsigned>(day.day()), static_cast<int>(time.hours().count()),
                static_cast<int>(time.minutes().count()), static_cast<int>(time.seconds().count()),
                static_cast<int>(time.subseconds().count()), year > 0 ? "" : " BC");
  return {value, literal(text.data())};
}

template <class T>
sample<std::vector<T>> sample_of(const std::vector<T>& values) {
  std::string sql;
  for (const auto& each : values) sql += (sql.empty() ? "" : ", ") + sample_of(each).sql;
  return {values, values.empty() ? "'{}'" : "array[" + sql + "]"};
}

std::string random_text(random& chance) {
  // One from each length that UTF-8 has, and what would need an escape elsewhere.
  constexpr std::array<std::string_view, 8> parts{"a",      "'",      "\\",     "\x01",
                                                  "\u00e4", "\u20ac", "\uffff", "\U0010ffff"};
  std::string text;
  for (auto count = chance() % 20; count > 0; --count) text += parts.at(chance() % parts.size());
  return text;
}

timestamp random_time(random& chance) {
  // From 4713 BC, where the server's time begins, to 294247, where 64 bits since 1970 end.
  constexpr std::int64_t first = -210'866'803'200'000'000;
  constexpr auto last = std::numeric_limits<std::int64_t>::max() - 1;
  std::uniform_int_distribution<std::int64_t> any{first, last};
  return timestamp{std::chrono::microseconds{any(chance)}};
}

double random_double(random& chance) {
  for (;;) {
    const auto value = std::bit_cast<double>(chance());
    if (value == value) return value;
  }
}

/// A short text that is already as jsonb writes it.
std::string random_json(random& chance) {
  std::string inside;
  for (auto count = chance() % 4; count > 0; --count) {
    inside += (inside.empty() ? "" : ", ") + std::to_string(static_cast<std::int64_t>(chance()));
  }
  return chance() % 2 == 0 ? "[" + inside + "]" : R"({"a": [)" + inside + R"(], "bb": "ä"})";
}

template <class Make>
auto with_random(std::vector<decltype(std::declval<Make>()(std::declval<random&>()))> values,
                 Make make) {
  auto chance = seeded();
  for (int i = 0; i < random_values; ++i) values.push_back(make(chance));
  samples<typename decltype(values)::value_type> all;
  for (const auto& each : values) all.push_back(sample_of(each));
  return all;
}

template <class Number>
auto numbers() {
  using limits = std::numeric_limits<Number>;
  return with_random({Number{0}, Number{1}, Number{-1}, limits::min(), limits::max(), Number{127},
                      Number{128}, Number{-128}, Number{-129}, Number{255}, Number{256}},
                     [](random& chance) { return static_cast<Number>(chance()); });
}

auto times() {
  using std::chrono::microseconds;
  return with_random(
      {timestamp::min(), timestamp::max(), timestamp{microseconds{0}}, timestamp{microseconds{-1}},
       wire::postgres_epoch, wire::postgres_epoch - microseconds{1},
       timestamp::max() - microseconds{1}, timestamp{microseconds{-210'866'803'200'000'000}}},
      random_time);
}

auto texts() {
  return with_random({std::string{}, std::string(large_bytes, 'x'), std::string{" \t\n\r\x7f"}},
                     random_text);
}

template <class Make>
auto arrays(Make element) {
  using value = decltype(element(std::declval<random&>()));
  return with_random(std::vector<std::vector<value>>(1), [element](random& chance) {
    std::vector<value> made;
    for (auto count = chance() % 6; count > 0; --count) made.push_back(element(chance));
    return made;
  });
}

template <class T>
bool same(const T& one, const T& other) {
  if constexpr (std::is_same_v<T, double>) {
    return std::bit_cast<std::uint64_t>(one) == std::bit_cast<std::uint64_t>(other);
  } else {
    return one == other;
  }
}

class types : public database_test {
 protected:
  template <class T>
  std::string question(std::string_view sql_type, std::string_view send, const samples<T>& all) {
    std::string sql = "select " + std::string{send} + "(v), v from (values ";
    for (std::size_t i = 0; i < all.size(); ++i) {
      sql += (i == 0 ? "(" : ", (") + std::to_string(i) + ", (" + all[i].sql +
             ")::" + std::string{sql_type} + ")";
    }
    return sql + ") as s (n, v) order by n";
  }

  /// `encode` makes the parameter of a value.
  template <class T, class Encode>
  void agree(std::string_view sql_type, std::string_view send, const samples<T>& all,
             Encode encode) {
    const auto type = encode(all.front().value).type;
    const auto sql = question(sql_type, send, all);
    run([&]() -> asio::awaitable<void> {
      const auto session = co_await connected();
      if (!session) co_return;
      const statement ask{sql_type, sql, {}, {oid::bytea, type}};
      const auto rows = co_await session->query(ask, 30s);
      EXPECT_TRUE(rows) << (rows ? "" : rows.error().text());
      if (!rows) co_return;
      EXPECT_EQ(rows->size(), all.size());
      for (std::size_t i = 0; i < rows->size(); ++i) {
        const auto shown = all[i].sql.substr(0, 200);
        EXPECT_EQ(encode(all[i].value).value, rows->template get<bytes>(i, 0)) << shown;
        EXPECT_TRUE(same(rows->template get<T>(i, 1), all[i].value)) << shown;
      }
    });
    io.restart();
  }

  /// And `copy` writes the same into a COPY.
  template <class T, class Encode, class Copy>
  void agree(std::string_view sql_type, std::string_view send, const samples<T>& all, Encode encode,
             Copy copy) {
    agree(sql_type, send, all, encode);
    wire::copy_buffer rows;
    for (const auto& each : all) {
      rows.begin_row(1);
      copy(rows, each.value);
    }
    rows.finish();
    wire::copy_binary_reader written{rows.bytes()};
    for (const auto& each : all) {
      const auto row = written.next();
      ASSERT_TRUE(row);
      ASSERT_EQ(row->size(), 1U);
      const auto field = row->front().value_or(const_bytes{});
      EXPECT_EQ((bytes{field.begin(), field.end()}), encode(each.value).value);
    }
  }
};

TEST_F(types, boolean) {
  const samples<bool> both{sample_of(false), sample_of(true)};
  agree("boolean", "boolsend", both, wire::boolean,
        [](wire::copy_buffer& to, bool value) { to.boolean(value); });
}

TEST_F(types, integers) {
  agree("int2", "int2send", numbers<std::int16_t>(), wire::int2,
        [](wire::copy_buffer& to, std::int16_t value) { to.int2(value); });
  agree("int4", "int4send", numbers<std::int32_t>(), wire::int4,
        [](wire::copy_buffer& to, std::int32_t value) { to.int4(value); });
  agree("int8", "int8send", numbers<std::int64_t>(), wire::int8,
        [](wire::copy_buffer& to, std::int64_t value) { to.int8(value); });
}

TEST_F(types, float8) {
  using limits = std::numeric_limits<double>;
  const auto all = with_random(
      {0.0, -0.0, 0.1, -1.5, limits::min(), limits::max(), limits::lowest(), limits::epsilon(),
       limits::denorm_min(), limits::infinity(), -limits::infinity(), limits::quiet_NaN()},
      random_double);
  agree("float8", "float8send", all, wire::float8,
        [](wire::copy_buffer& to, double value) { to.float8(value); });
}

TEST_F(types, text) {
  agree("text", "textsend", texts(), wire::text,
        [](wire::copy_buffer& to, const std::string& value) { to.text(value); });
}

TEST_F(types, bytea) {
  auto chance = seeded();
  const auto all = with_random({bytes{}, bytes{std::byte{0}}, random_bytes(chance, large_bytes)},
                               [](random& with) { return random_bytes(with, with() % 300); });
  agree("bytea", "byteasend", all, wire::bytea,
        [](wire::copy_buffer& to, const bytes& value) { to.bytea(value); });
}

TEST_F(types, jsonb) {
  const auto all = with_random(
      {std::string{"null"}, std::string{"true"}, std::string{"0"}, std::string{"-0.10"},
       std::string{"\"\""}, std::string{"{}"}, std::string{"[]"}, std::string{R"("\n\"\\\u0001")"},
       std::string{R"({"a": 1, "bb": [null, {"c": "ü"}]})"},
       "\"" + std::string(large_bytes, 'x') + "\""},
      random_json);
  agree("jsonb", "jsonb_send", all, wire::jsonb,
        [](wire::copy_buffer& to, const std::string& value) { to.jsonb(value); });
}

TEST_F(types, uuid) {
  wire::uuid_bytes ones{};
  ones.fill(std::byte{0xff});
  const auto all = with_random({wire::uuid_bytes{}, ones}, [](random& chance) {
    wire::uuid_bytes made{};
    for (auto& each : made) each = static_cast<std::byte>(chance());
    return made;
  });
  agree("uuid", "uuid_send", all, wire::uuid,
        [](wire::copy_buffer& to, const wire::uuid_bytes& value) { to.uuid(value); });
}

TEST_F(types, timestamptz) {
  agree("timestamptz", "timestamptz_send", times(), wire::timestamptz,
        [](wire::copy_buffer& to, timestamp value) { to.timestamptz(value); });
}

TEST_F(types, arrays) {
  agree("text[]", "array_send", arrays(random_text), wire::text_array);
  agree("int4[]", "array_send",
        arrays([](random& chance) { return static_cast<std::int32_t>(chance()); }),
        wire::int4_array);
  agree("int8[]", "array_send",
        arrays([](random& chance) { return static_cast<std::int64_t>(chance()); }),
        wire::int8_array);
  agree("timestamptz[]", "array_send", arrays(random_time), wire::timestamptz_array);
}

}  // namespace
}  // namespace ingestor::pg
