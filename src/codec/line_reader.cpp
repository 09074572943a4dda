#include "codec/line_reader.hpp"

#include "codec/text_prefix.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <utility>

namespace ingestor::codec {
namespace {

constexpr std::array gzip_magic{std::byte{0x1f}, std::byte{0x8b}};
constexpr std::array zstd_magic{std::byte{0x28}, std::byte{0xb5}, std::byte{0x2f}, std::byte{0xfd}};

/// The check wants one byte more than it looks at: then the object is known to go on.
constexpr std::size_t held_back_bytes = text_prefix_bytes + 1;

bool begins_with(const_bytes bytes, const_bytes magic) {
  return bytes.size() >= magic.size() && std::equal(magic.begin(), magic.end(), bytes.begin());
}

}  // namespace

line_reader::line_reader(limits limits)
    : limits_{limits},
      buffer_{std::make_unique_for_overwrite<std::byte[]>(inflate_slice_bytes)},
      framer_{limits.line_bytes_max} {}

void line_reader::reset() {
  input_ = {};
  finished_ = false;
  ended_ = false;
  failed_.reset();
  format_ = format::unknown;
  magic_bytes_ = 0;
  inflater_has_more_ = false;
  buffered_bytes_ = 0;
  prefix_checked_ = false;
  not_text_.reset();
  framer_.reset();
  bytes_compressed_ = 0;
  bytes_inflated_ = 0;
}

void line_reader::feed(const_bytes compressed) {
  assert(input_.empty() && !finished_);
  input_ = compressed;
  bytes_compressed_ += compressed.size();
}

std::string_view line_reader::compression() const {
  switch (format_) {
    case format::gzip:
      return "gzip";
    case format::none:
      return "none";
    case format::unknown:
      break;
  }
  return "";
}

result<event, error> line_reader::next() {
  if (failed_) return *failed_;
  auto outcome = advance();
  if (!outcome) failed_ = outcome.error();
  return outcome;
}

result<event, error> line_reader::advance() {
  if (const auto found = framer_.next()) return event{*found};
  if (ended_) return event{end{}};
  if (format_ == format::unknown) {
    if (auto wrong = detect()) return *wrong;
    if (format_ == format::unknown) return event{need_input{}};
  }
  if (auto wrong = refill()) return *wrong;
  if (const auto found = framer_.next()) return event{*found};
  if (ended_) return event{end{}};
  if (input_used_up() && !finished_) return event{need_input{}};
  return event{again{}};
}

std::optional<error> line_reader::detect() {
  while (magic_bytes_ < magic_.size() && !input_.empty()) {
    magic_[magic_bytes_++] = input_.front();
    input_ = input_.subspan(1);
  }
  if (magic_bytes_ < magic_.size() && !finished_) return std::nullopt;
  const auto magic = const_bytes{magic_}.first(magic_bytes_);
  if (begins_with(magic, zstd_magic)) {
    return error{error_kind::unsupported,
                 "the object is zstd, which is not supported yet: store it as gzip or plain text"};
  }
  if (begins_with(magic, gzip_magic)) return begin_gzip();
  format_ = format::none;
  return count(copy_in(magic, magic.size()));
}

std::optional<error> line_reader::begin_gzip() {
  format_ = format::gzip;
  if (gzip_) {
    gzip_->reset();
  } else {
    gzip_ = std::make_unique<gzip_inflater>();
  }
  auto magic = const_bytes{magic_}.first(magic_bytes_);
  const auto none = gzip_->inflate(magic, {buffer_.get(), inflate_slice_bytes});
  if (!none) return none.error();
  return std::nullopt;
}

std::optional<error> line_reader::refill() {
  if (prefix_checked_) buffered_bytes_ = 0;
  return format_ == format::gzip ? refill_from_gzip() : refill_from_plain();
}

std::optional<error> line_reader::refill_from_gzip() {
  const auto slice = input_.first(std::min(input_.size(), inflate_slice_bytes));
  auto left = slice;
  const mutable_bytes room{buffer_.get() + buffered_bytes_, inflate_slice_bytes - buffered_bytes_};
  const auto written = gzip_->inflate(left, room);
  if (!written) return written.error();
  input_ = input_.subspan(slice.size() - left.size());
  inflater_has_more_ = *written == room.size();
  buffered_bytes_ += *written;
  if (auto wrong = count(*written)) return wrong;
  if (finished_ && input_used_up()) {
    if (auto wrong = gzip_->end_of_input()) return wrong;
  }
  return release(buffered());
}

std::optional<error> line_reader::refill_from_plain() {
  if (!prefix_checked_) {
    const auto copied = copy_in(input_, held_back_bytes - buffered_bytes_);
    input_ = input_.subspan(copied);
    if (auto wrong = count(copied)) return wrong;
    return release(buffered());
  }
  const auto slice = input_.first(std::min(input_.size(), inflate_slice_bytes));
  input_ = input_.subspan(slice.size());
  if (auto wrong = count(slice.size())) return wrong;
  return release(as_text(slice));
}

std::optional<error> line_reader::release(std::string_view chunk) {
  const bool last = finished_ && input_used_up();
  if (!prefix_checked_) {
    if (chunk.size() < held_back_bytes && !last) return std::nullopt;
    auto prefix = check_text_prefix(chunk, last);
    if (!prefix) return prefix.error();
    prefix_checked_ = true;
    not_text_ = std::move(prefix->not_text);
    framer_.reset(prefix->mark_bytes);
    chunk.remove_prefix(prefix->mark_bytes);
  }
  framer_.feed(chunk);
  if (last) framer_.finish();
  ended_ = last;
  return std::nullopt;
}

std::optional<error> line_reader::count(std::size_t inflated_bytes) {
  bytes_inflated_ += inflated_bytes;
  if (limits_.object_bytes_max == 0 || bytes_inflated_ <= limits_.object_bytes_max) {
    return std::nullopt;
  }
  return error{error_kind::too_large, "the object inflates to more than the limit of " +
                                          std::to_string(limits_.object_bytes_max) +
                                          " bytes (INGESTOR_MAX_OBJECT)"};
}

std::size_t line_reader::copy_in(const_bytes from, std::size_t most) {
  const auto bytes = std::min(from.size(), most);
  if (bytes != 0) std::memcpy(buffer_.get() + buffered_bytes_, from.data(), bytes);
  buffered_bytes_ += bytes;
  return bytes;
}

std::string_view line_reader::buffered() const {
  return as_text({buffer_.get(), buffered_bytes_});
}

}  // namespace ingestor::codec
