#include "s3/object_stream.hpp"

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

object_stream::object_stream(requester& on, std::string key, std::int64_t first_byte,
                             opened_object opened)
    : on_{&on},
      key_{std::move(key)},
      position_{first_byte},
      facts_{opened.facts},
      now_{std::move(opened)},
      resumed_at_{first_byte} {}

asio::awaitable<result<const_bytes>> object_stream::read() {
  if (failure_) co_return *failure_;
  while (!ended_) {
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

result<const_bytes> object_stream::take(const_bytes piece) {
  position_ += static_cast<std::int64_t>(piece.size());
  if (now_.expected) now_.expected->update(piece);
  return piece;
}

result<const_bytes> object_stream::finish() {
  auto wrong = now_.about;
  wrong.kind = error_kind::protocol;
  if (facts_.object_length >= 0 && position_ != facts_.object_length) {
    wrong.message = "the body ended at byte " + std::to_string(position_) + " of " +
                    std::to_string(facts_.object_length);
    return fail(std::move(wrong));
  }
  if (now_.expected) {
    const auto actual = now_.expected->actual();
    if (actual != now_.expected->expected()) {
      wrong.message = "the body's " + std::string{now_.expected->header()} + " is " + actual +
                      ", and S3 has stored " + now_.expected->expected();
      return fail(std::move(wrong));
    }
  }
  ended_ = true;
  return const_bytes{};
}

asio::awaitable<result<void>> object_stream::resume(error why) {
  // Bytes that make no sense are a connection that broke: the answer's head did make sense.
  if (why.kind == error_kind::protocol) why.kind = error_kind::connection;
  // Without a name for the version nobody could tell whether the rest belongs to it.
  if (facts_.etag.empty()) co_return why;
  if (position_ - resumed_at_ >= progress_bytes_min) resumes_ = attempts{resumes_in_a_row_max + 1};
  const bool may = co_await on_->again(resumes_, why);
  if (!may) co_return why;

  proto::get_object_query rest{key_, facts_.etag, position_};
  auto opened = co_await open_object(*on_, std::move(rest));
  if (!opened) {
    // All of a body in chunks had arrived but for its end: nothing is behind its last byte.
    const bool nothing_left = opened.error().http_status == 416 && facts_.object_length < 0;
    if (!nothing_left) co_return why_not_resumed(std::move(why), opened.error());
    facts_.object_length = position_;
    const auto ended = finish();
    if (!ended) co_return ended.error();
    co_return result<void>{};
  }
  resumed_at_ = position_;
  now_.body = std::move(opened->body);
  now_.about = std::move(opened->about);
  if (facts_.object_length < 0) facts_.object_length = opened->facts.object_length;
  if (on_->options().on_resume) on_->options().on_resume();
  co_return result<void>{};
}

error object_stream::fail(error why) {
  failure_ = why;
  return why;
}

}  // namespace ingestor::s3
