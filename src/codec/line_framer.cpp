#include "codec/line_framer.hpp"

#include <algorithm>

namespace ingestor::codec {
namespace {

constexpr std::string_view blanks = " \t\r";

/// The least that the carry takes, and the most that it keeps between two streams.
constexpr std::size_t carry_bytes_min = 4096;
constexpr std::size_t carry_bytes_kept = std::size_t{256} * 1024;

bool is_blank(std::string_view text) {
  return text.find_first_not_of(blanks) == std::string_view::npos;
}

}  // namespace

line_framer::line_framer(std::size_t line_bytes_max) : line_bytes_max_{line_bytes_max} {}

void line_framer::reset(std::uint64_t first_byte_offset) {
  chunk_ = {};
  finished_ = false;
  lines_ = 0;
  offset_ = first_byte_offset;
  begin_line();
  carry_.clear();
  if (carry_.capacity() > carry_bytes_kept) std::vector<char>{}.swap(carry_);
}

/// Leaves the carry as it is: the caller may still be looking at it. keep() clears it.
void line_framer::begin_line() {
  carried_bytes_ = 0;
  carried_blank_ = true;
  carried_cr_ = false;
  overflowed_ = false;
}

std::optional<line> line_framer::next() {
  while (!chunk_.empty()) {
    const auto lf = chunk_.find('\n');
    if (lf == std::string_view::npos) {
      keep(chunk_);
      chunk_ = {};
      break;
    }
    const auto rest = chunk_.substr(0, lf);
    chunk_.remove_prefix(lf + 1);
    if (auto found = close(rest, true)) return found;
  }
  if (finished_ && carried_bytes_ != 0) return close({}, false);
  return std::nullopt;
}

std::optional<line> line_framer::close(std::string_view rest, bool ended_by_lf) {
  const bool carried = carried_bytes_ != 0;
  if (carried) keep(rest);
  const auto text = carried ? std::string_view{carry_.data(), carry_.size()} : rest;
  const auto whole_bytes = carried ? carried_bytes_ : rest.size();
  const bool blank = carried ? carried_blank_ : is_blank(rest);
  const bool cr = carried ? carried_cr_ : rest.ends_with('\r');

  const auto bytes = whole_bytes - (ended_by_lf && cr ? 1 : 0);
  const auto offset = offset_;
  offset_ += whole_bytes + (ended_by_lf ? 1 : 0);
  ++lines_;
  begin_line();
  if (blank) return std::nullopt;
  const bool too_long = bytes > line_bytes_max_;
  const auto shown = too_long ? std::min<std::uint64_t>(bytes, raw_bytes_max) : bytes;
  return line{lines_, offset, text.substr(0, shown), too_long, bytes};
}

/// Adds to the unfinished line. One byte more than the limit is kept: it may be the CR of the end.
void line_framer::keep(std::string_view part) {
  if (part.empty()) return;
  if (carried_bytes_ == 0) carry_.clear();
  if (carried_blank_) carried_blank_ = is_blank(part);
  carried_cr_ = part.back() == '\r';
  carried_bytes_ += part.size();
  if (!overflowed_ && carried_bytes_ <= line_bytes_max_ + 1) return append(part);
  overflowed_ = true;
  if (carry_.size() < raw_bytes_max) return append(part.substr(0, raw_bytes_max - carry_.size()));
  carry_.resize(raw_bytes_max);
}

void line_framer::append(std::string_view part) {
  const auto needed = carry_.size() + part.size();
  if (needed > carry_.capacity()) {
    const auto most = std::max(line_bytes_max_ + 1, raw_bytes_max);
    const auto doubled = std::max(carry_.capacity() * 2, carry_bytes_min);
    carry_.reserve(std::max(needed, std::min(doubled, most)));
  }
  carry_.insert(carry_.end(), part.begin(), part.end());
}

}  // namespace ingestor::codec
