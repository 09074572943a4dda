#include "pg/wire/frame_buffer.hpp"

#include "pg/wire/reader.hpp"

#include <algorithm>
#include <cassert>

namespace ingestor::pg::wire {

frame_buffer::frame_buffer() : bytes_(frame_buffer_bytes) {}

mutable_bytes frame_buffer::prepare() {
  move_to_front();
  if (waiting() == 0 && bytes_.size() > frame_buffer_bytes) {
    bytes_ = std::vector<std::byte>(frame_buffer_bytes);
  }
  if (end_ == bytes_.size()) {
    bytes_.resize(std::max(end_ + frame_buffer_bytes, std::min(end_ * 2, wanted_)));
  }
  return mutable_bytes{bytes_}.subspan(end_);
}

void frame_buffer::commit(std::size_t bytes) {
  assert(bytes <= bytes_.size() - end_);
  end_ += bytes;
}

decoded<std::optional<frame>> frame_buffer::next(const frame_limits& limits) {
  if (waiting() < frame_header_bytes) return std::optional<frame>{};
  const auto arrived = const_bytes{bytes_}.subspan(begin_, waiting());
  reader header{arrived.first(frame_header_bytes)};
  const char type = static_cast<char>(header.byte());
  const auto body = body_bytes(type, header.int32(), limits);
  if (!body) return body.error();
  wanted_ = frame_header_bytes + *body;
  if (arrived.size() < wanted_) return std::optional<frame>{};
  begin_ += wanted_;
  wanted_ = 0;
  return std::optional{frame{type, arrived.subspan(frame_header_bytes, *body)}};
}

char frame_buffer::next_type() const {
  assert(waiting() > 0);
  return static_cast<char>(bytes_[begin_]);
}

char frame_buffer::take_byte() {
  assert(waiting() > 0);
  return static_cast<char>(bytes_[begin_++]);
}

void frame_buffer::move_to_front() {
  if (begin_ == 0) return;
  std::copy(bytes_.begin() + static_cast<std::ptrdiff_t>(begin_),
            bytes_.begin() + static_cast<std::ptrdiff_t>(end_), bytes_.begin());
  end_ -= begin_;
  begin_ = 0;
}

}  // namespace ingestor::pg::wire
