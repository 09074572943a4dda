#include "normalise/normaliser.hpp"

#include "base/utf8.hpp"
#include "normalise/json_parser.hpp"
#include "normalise/json_repair.hpp"
#include "normalise/json_string.hpp"
#include "normalise/line_id.hpp"

#include <algorithm>
#include <optional>

namespace ingestor::normalise {
namespace {

constexpr std::size_t scratch_bytes_kept = std::size_t{256} * 1024;

std::string_view trimmed(std::string_view line) {
  constexpr std::string_view blanks = " \t\r\n";
  const auto first = line.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return line.substr(first, line.find_last_not_of(blanks) - first + 1);
}

rejection beyond(std::size_t bytes_max) {
  return {reject_code::too_long, "more than " + std::to_string(bytes_max) + " bytes as jsonb"};
}

/// What holds for every line, whatever it is.
std::optional<rejection> check_line(std::string_view line) {
  if (line.size() > json_bytes_max) return beyond(json_bytes_max);
  const auto valid = check_utf8(line).valid_bytes;
  if (valid == line.size()) return std::nullopt;
  const auto* what = line[valid] == '\0' ? "a NUL byte" : "not UTF-8";
  return rejection{reject_code::invalid_utf8,
                   std::string{what} + " at column " + std::to_string(valid + 1)};
}

void shrink(std::string& buffer) {
  if (buffer.capacity() > scratch_bytes_kept) std::string{}.swap(buffer);
}

}  // namespace

result<row_outcome, rejection> normaliser::json_row(std::string_view line,
                                                    std::uint64_t line_number, const source& from,
                                                    pg::wire::copy_buffer& rows) {
  if (auto wrong = check_line(line)) return *wrong;
  const bool repaired = repair_escapes(line, repaired_);
  const auto json = repaired ? std::string_view{repaired_} : line;
  if (auto wrong = parse_line(json, reader_)) {
    give_back();
    return *wrong;
  }
  const row_origin origin{line_id(from.file_id, line_number), from.last_modified};
  auto outcome = encode_row(reader_.values(), trimmed(json), origin, scratch_, rows);
  outcome.repaired = repaired;
  give_back();
  return outcome;
}

result<row_outcome, rejection> normaliser::text_row(std::string_view line,
                                                    std::uint64_t line_number, const source& from,
                                                    pg::wire::copy_buffer& rows) {
  if (auto wrong = check_line(line)) return *wrong;
  const auto json_bytes_allowed =
      std::min(2 * line.size() + quoted_bytes_extra, pg::wire::copy_field_bytes_max - 1);
  if (quoted_bytes(line) > json_bytes_allowed) return beyond(json_bytes_allowed);
  quote(line, scratch_);
  const row_origin origin{line_id(from.file_id, line_number), from.last_modified};
  const auto outcome = encode_text_row(line, scratch_, origin, rows);
  give_back();
  return outcome;
}

/// One giant line must not hold its memory for ever.
void normaliser::give_back() {
  shrink(repaired_);
  shrink(scratch_);
}

}  // namespace ingestor::normalise
