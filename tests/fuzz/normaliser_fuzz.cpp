// Any bytes as a line: one row of twenty fields, or nothing and a reason; nothing in between.
#include "base/utf8.hpp"
#include "normalise/normaliser.hpp"
#include "require.hpp"

#include <cstdint>

namespace {

using namespace ingestor;

constexpr std::size_t copy_header_bytes = 19;

std::uint32_t big_endian(const_bytes bytes) {
  std::uint32_t value = 0;
  for (const auto each : bytes) value = value << 8 | std::to_integer<std::uint32_t>(each);
  return value;
}

/// Every text is UTF-8 without NULs, and the fields fill the row exactly.
void check_row(const_bytes row) {
  require(big_endian(row.first(2)) == normalise::column_count);
  row = row.subspan(2);
  for (std::size_t i = 0; i < normalise::column_count; ++i) {
    const auto size = big_endian(row.first(4));
    row = row.subspan(4);
    if (size == 0xffffffffU) continue;
    const auto value = as_text(row.first(size));
    row = row.subspan(size);
    const auto which = static_cast<normalise::column>(i);
    if (which == normalise::column::message || which == normalise::column::raw_data) {
      require(check_utf8(value).valid_bytes == value.size());
    }
  }
  require(row.empty());
}

void check(const result<normalise::row_outcome, normalise::rejection>& outcome,
           const pg::wire::copy_buffer& rows) {
  const auto body = rows.bytes().subspan(copy_header_bytes);
  if (outcome) {
    check_row(body);
  } else {
    require(body.empty() && rows.rows() == 0);
    require(!outcome.error().detail.empty());
    require(outcome.error().reason().size() <= 32 + normalise::detail_bytes_max);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static normalise::normaliser subject;
  const auto line = as_text(std::as_bytes(std::span{data, size}));
  const normalise::source from{1, {}};
  pg::wire::copy_buffer json;
  check(subject.json_row(line, 1, from, json), json);
  pg::wire::copy_buffer text;
  check(subject.text_row(line, 1, from, text), text);
  return 0;
}
