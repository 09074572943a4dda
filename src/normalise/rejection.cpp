#include "normalise/rejection.hpp"

namespace ingestor::normalise {
namespace {

bool continues_character(char byte) {
  return (static_cast<unsigned char>(byte) & 0xc0U) == 0x80U;
}

std::string_view cut(std::string_view text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  auto end = bytes_max;
  while (end > 0 && continues_character(text[end])) --end;
  return text.substr(0, end);
}

}  // namespace

std::string_view name(reject_code code) {
  switch (code) {
    case reject_code::not_json:
      return "not_json";
    case reject_code::not_an_object:
      return "not_an_object";
    case reject_code::invalid_utf8:
      return "invalid_utf8";
    case reject_code::too_long:
      return "too_long";
    case reject_code::too_deep:
      return "too_deep";
    case reject_code::number_out_of_range:
      return "number_out_of_range";
    case reject_code::refused_by_database:
      break;
  }
  return "refused_by_database";
}

std::string rejection::reason() const {
  std::string text{name(code)};
  if (!detail.empty()) text.append(": ").append(cut(detail, detail_bytes_max));
  return text;
}

rejection line_too_long(std::uint64_t line_bytes, std::uint64_t line_bytes_max) {
  return {reject_code::too_long, std::to_string(line_bytes) + " bytes, the limit is " +
                                     std::to_string(line_bytes_max) + " (INGESTOR_MAX_LINE)"};
}

void encode_rejection(std::int64_t file_id, std::uint64_t line_number, std::uint64_t byte_offset,
                      const rejection& why, std::string_view raw, pg::wire::copy_buffer& rejects) {
  rejects.begin_row(static_cast<std::int16_t>(rejected_line_columns.size()));
  rejects.int8(file_id);
  rejects.int8(static_cast<std::int64_t>(line_number));
  rejects.int8(static_cast<std::int64_t>(byte_offset));
  rejects.text(why.reason());
  rejects.bytea(as_bytes(raw.substr(0, rejected_raw_bytes_max)));
}

}  // namespace ingestor::normalise
