#include "s3/range_stream.hpp"

#include "s3/transport_error.hpp"

#include <utility>

namespace ingestor::s3 {

namespace asio = boost::asio;

namespace {

/// A server that does not do as it is asked is one whose objects are read again from their start.
error why_not_resumed(error broken, error refused) {
  if (refused.kind != error_kind::protocol) return refused;
  broken.message += "; it could not be read on from there: " + refused.message;
  return broken;
}

}  // namespace

range_stream::range_stream(std::shared_ptr<requester> on, proto::get_object_query asked,
                           opened_object opened)
    : on_{std::move(on)},
      asked_{std::move(asked)},
      position_{asked_.first_byte},
      object_length_{opened.facts.object_length},
      now_{std::move(opened)},
      row_began_at_{position_} {
  asked_.if_match = now_.facts.etag;
}

asio::awaitable<result<const_bytes>> range_stream::read() {
  if (failure_) co_return *failure_;
  while (!ended_) {
    if (end_ && position_ >= *end_) break;
    const auto piece = co_await now_.body.read();
    if (piece) {
      if (!piece->empty()) co_return take(*piece);
      co_return finish();
    }
    auto broken = transport_error(now_.about, piece.error());
    if (broken.kind == error_kind::cancelled) co_return fail(std::move(broken));
    const auto resumed = co_await resume(std::move(broken));
    if (!resumed) co_return fail(resumed.error());
  }
  co_return const_bytes{};
}

result<const_bytes> range_stream::take(const_bytes piece) {
  if (end_) {
    const auto wanted = static_cast<std::uint64_t>(*end_ - position_);
    if (piece.size() > wanted) piece = piece.first(wanted);
  }
  position_ += static_cast<std::int64_t>(piece.size());
  return piece;
}

result<const_bytes> range_stream::finish() {
  const auto end = asked_.last_byte ? *asked_.last_byte + 1 : object_length_;
  if (end >= 0 && position_ != end) {
    auto wrong = now_.about;
    wrong.kind = error_kind::protocol;
    wrong.message =
        "the body ended at byte " + std::to_string(position_) + " of " + std::to_string(end);
    return fail(std::move(wrong));
  }
  object_length_ = std::max(object_length_, position_);
  ended_ = true;
  return const_bytes{};
}

asio::awaitable<result<void>> range_stream::resume(error why) {
  // Bytes that make no sense are a connection that broke: the answer's head did make sense.
  if (why.kind == error_kind::protocol) why.kind = error_kind::connection;
  // Without a name for the version nobody could tell whether the rest belongs to it.
  if (asked_.if_match.empty()) co_return why;
  if (position_ - row_began_at_ >= progress_bytes_min) {
    resumes_ = attempts{resumes_in_a_row_max + 1};
    row_began_at_ = position_;
  }
  const bool may = co_await on_->again(resumes_, why);
  if (!may) co_return why;

  asked_.first_byte = position_;
  auto opened = co_await open_object(*on_, asked_);
  if (!opened) {
    // All of a body in chunks had arrived but for its end: nothing is behind its last byte.
    const bool nothing_left = opened.error().http_status == 416 && object_length_ < 0;
    if (!nothing_left) co_return why_not_resumed(std::move(why), opened.error());
    object_length_ = position_;
    ended_ = true;
    co_return result<void>{};
  }
  on_->succeeded(resumes_);
  object_length_ = std::max(object_length_, opened->facts.object_length);
  now_ = std::move(*opened);
  if (on_->options().on_resume) on_->options().on_resume(asked_.key, position_);
  co_return result<void>{};
}

error range_stream::fail(error why) {
  failure_ = why;
  return why;
}

}  // namespace ingestor::s3
