// Lines in, rows out, taken apart again: for normalise's tests.
#pragma once

#include "normalise/column.hpp"
#include "normalise/normaliser.hpp"

#include <bit>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace ingestor::normalise::test {

using namespace std::string_literals;
using namespace std::chrono_literals;

inline constexpr timestamp listed{std::chrono::sys_days{std::chrono::year{2026} / 3 / 4}};
inline constexpr source origin{7, listed};

/// Reads big-endian integers and fields from the front of a COPY stream.
class unpacker {
 public:
  explicit unpacker(std::string_view bytes) : rest_{bytes} {}

  std::int64_t integer(std::size_t bytes) {
    if (rest_.size() < bytes) throw std::runtime_error{"the stream ends too early"};
    std::uint64_t value = (static_cast<unsigned char>(rest_[0]) & 0x80U) != 0 ? ~0ULL : 0;
    for (std::size_t i = 0; i < bytes; ++i)
      value = value << 8 | static_cast<unsigned char>(rest_[i]);
    rest_.remove_prefix(bytes);
    return static_cast<std::int64_t>(value);
  }

  std::optional<std::string> field() {
    const auto size = integer(4);
    if (size < 0) return std::nullopt;
    const auto value = rest_.substr(0, static_cast<std::size_t>(size));
    if (value.size() != static_cast<std::size_t>(size)) throw std::runtime_error{"a field is cut"};
    rest_.remove_prefix(value.size());
    return std::string{value};
  }

  bool empty() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

inline constexpr std::size_t copy_header_bytes = 19;

using fields = std::vector<std::optional<std::string>>;

/// The rows of a buffer, and nothing but whole rows.
inline std::vector<fields> rows_in(const pg::wire::copy_buffer& buffer) {
  std::vector<fields> out;
  unpacker stream{as_text(buffer.bytes()).substr(copy_header_bytes)};
  while (!stream.empty()) {
    fields row(static_cast<std::size_t>(stream.integer(2)));
    for (auto& each : row) each = stream.field();
    out.push_back(row);
  }
  return out;
}

/// One row of `log` with its columns as they are on the wire.
class log_row {
 public:
  log_row(fields values, row_outcome outcome) : values_{std::move(values)}, outcome_{outcome} {}

  const std::optional<std::string>& bytes(column which) const {
    return values_.at(static_cast<std::size_t>(which));
  }
  std::optional<std::string> text(column which) const { return bytes(which); }
  std::optional<std::int64_t> integer(column which) const {
    const auto& value = bytes(which);
    if (!value) return std::nullopt;
    return unpacker{*value}.integer(value->size());
  }
  std::optional<double> real(column which) const {
    const auto value = integer(which);
    if (!value) return std::nullopt;
    return std::bit_cast<double>(*value);
  }
  std::optional<std::string> json(column which) const {
    const auto& value = bytes(which);
    if (!value) return std::nullopt;
    if (value->at(0) != '\x01') throw std::runtime_error{"not jsonb version 1"};
    return value->substr(1);
  }
  /// Microseconds since 1970; the wire counts from 2000.
  std::optional<std::int64_t> micros(column which) const {
    const auto value = integer(which);
    if (!value) return std::nullopt;
    return *value + 946'684'800'000'000;
  }
  std::size_t size() const { return values_.size(); }

  const row_outcome& outcome() const { return outcome_; }
  /// The columns that count as mismatches, by name.
  std::vector<std::string> mismatches() const {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < column_count; ++i) {
      if (outcome_.mismatches[i]) names.emplace_back(log_columns[i]);
    }
    return names;
  }

 private:
  fields values_;
  row_outcome outcome_;
};

/// The row that a line becomes; throws with the reason where it is rejected.
inline log_row row_of(std::string_view line) {
  normaliser subject;
  pg::wire::copy_buffer rows;
  const auto outcome = subject.json_row(line, 3, origin, rows);
  if (!outcome) throw std::runtime_error{outcome.error().reason()};
  const auto decoded = rows_in(rows);
  if (decoded.size() != 1) throw std::runtime_error{"not exactly one row"};
  return {decoded[0], *outcome};
}

/// Why a line is rejected, or "" if it is not; a rejected line must leave the buffer as it was.
inline std::string rejected(std::string_view line) {
  normaliser subject;
  pg::wire::copy_buffer rows;
  rows.begin_row(1);
  rows.text("before");
  const auto before = rows.size();
  const auto outcome = subject.json_row(line, 3, origin, rows);
  if (outcome) return "";
  if (rows.size() != before || rows.rows() != 1) throw std::runtime_error{"the buffer has changed"};
  return outcome.error().reason();
}

}  // namespace ingestor::normalise::test
