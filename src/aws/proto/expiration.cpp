#include "aws/proto/expiration.hpp"

#include "aws/proto/time_text.hpp"

#include <algorithm>
#include <charconv>
#include <string>

namespace ingestor::aws {
namespace {

constexpr std::size_t offset_bytes = 6;  // +hh:mm

std::optional<int> two_digits(std::string_view text) {
  int value = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + 2, value);
  if (failed != std::errc{} || end != text.data() + 2 || value < 0) return std::nullopt;
  return value;
}

std::optional<std::chrono::minutes> parse_offset(std::string_view text) {
  if ((text[0] != '+' && text[0] != '-') || text[3] != ':') return std::nullopt;
  const auto hours = two_digits(text.substr(1, 2));
  const auto minutes = two_digits(text.substr(4, 2));
  if (!hours || !minutes) return std::nullopt;
  const std::chrono::minutes size{*hours * 60 + *minutes};
  return text[0] == '-' ? -size : size;
}

}  // namespace

std::optional<timestamp> parse_expiration(std::string_view text) {
  if (text.ends_with('Z') || text.size() <= offset_bytes) return parse_iso8601(text);
  const auto clock = text.substr(0, text.size() - offset_bytes);
  const auto offset = parse_offset(text.substr(clock.size()));
  const auto local = parse_iso8601(std::string{clock} + 'Z');
  if (!offset || !local) return std::nullopt;
  return *local - *offset;
}

refresh_times refresh_times_of(timestamp fetched, timestamp expires) {
  const auto life = std::max(expires - fetched, timestamp::duration::zero());
  return {expires - std::min<timestamp::duration>(advisory_window, life / 4),
          expires - std::min<timestamp::duration>(mandatory_window, life / 6)};
}

}  // namespace ingestor::aws
