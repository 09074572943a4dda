#include "s3/object_stream.hpp"

#include <utility>

namespace ingestor::s3 {

namespace asio = boost::asio;

object_stream::object_stream(std::shared_ptr<requester> on, proto::get_object_query asked,
                             opened_object opened)
    : on_{std::move(on)},
      key_{asked.key},
      facts_{opened.facts},
      expected_{std::move(opened.expected)},
      about_{opened.about},
      position_{asked.first_byte} {
  one_.emplace(on_, std::move(asked), std::move(opened));
}

asio::awaitable<result<const_bytes>> object_stream::read() {
  if (failure_) co_return *failure_;
  if (ended_) co_return const_bytes{};
  const bool waited = one_ ? !one_->input_pending() : !ahead_->input_pending();
  auto piece = co_await read_some();
  if (!piece) co_return fail(piece.error());
  if (piece->empty()) co_return finish();
  position_ += static_cast<std::int64_t>(piece->size());
  if (expected_) expected_->update(*piece);
  observe(piece->size(), waited);
  co_return piece;
}

/// From whatever has the next byte.
asio::awaitable<result<const_bytes>> object_stream::read_some() {
  for (;;) {
    if (one_) {
      auto piece = co_await one_->read();
      if (!piece || !piece->empty() || ahead_ == nullptr) co_return piece;
      one_.reset();
    }
    auto piece = co_await ahead_->read();
    if (!piece || !piece->empty() || position_ == facts_.object_length) co_return piece;
    const auto back = co_await back_to_one();
    if (!back) co_return back.error();
  }
}

asio::awaitable<result<void>> object_stream::back_to_one() {
  ahead_.reset();
  proto::get_object_query rest{key_, facts_.etag, position_};
  auto opened = co_await open_object(*on_, rest);
  if (!opened) co_return opened.error();
  one_.emplace(on_, std::move(rest), std::move(*opened));
  co_return result<void>{};
}

void object_stream::observe(std::size_t bytes, bool waited) {
  window_read_ += static_cast<std::int64_t>(bytes);
  ++window_reads_;
  if (waited) ++window_waits_;
  if (window_read_ < window_bytes) return;
  const bool starving = window_waits_ * 10 > window_reads_ * 7;
  const bool busy = window_waits_ * 10 < window_reads_ * 2;
  window_read_ = 0;
  window_reads_ = 0;
  window_waits_ = 0;
  adapt(starving, busy);
}

void object_stream::adapt(bool starving, bool busy) {
  if (ahead_ != nullptr) {
    const auto parts = ahead_->wanted();
    if (starving) ahead_->want(parts + 1);
    // The last part is enough to say that one connection may be: then the rest comes over one.
    if (busy && parts > 0) ahead_->want(parts - 1);
    return;
  }
  const auto left = facts_.object_length - position_;
  if (!starving || left < parallel_bytes_min || facts_.etag.empty()) return;
  const auto first = position_ + read_ahead::part_bytes;
  ahead_ = std::make_unique<read_ahead>(on_, key_, facts_.etag, first, facts_.object_length);
  ahead_->want(2);
  one_->stop_at(first);
}

result<const_bytes> object_stream::finish() {
  if (expected_) {
    const auto actual = expected_->actual();
    if (actual != expected_->expected()) {
      auto wrong = about_;
      wrong.kind = error_kind::protocol;
      wrong.message = "the body's " + std::string{expected_->header()} + " is " + actual +
                      ", and S3 has stored " + expected_->expected();
      return fail(std::move(wrong));
    }
  }
  ended_ = true;
  return const_bytes{};
}

error object_stream::fail(error why) {
  failure_ = why;
  return why;
}

}  // namespace ingestor::s3
