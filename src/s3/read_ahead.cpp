#include "s3/read_ahead.hpp"

#include "http/awaiting.hpp"
#include "s3/get_object.hpp"
#include "s3/range_stream.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <cstring>
#include <exception>
#include <optional>
#include <utility>
#include <vector>

namespace ingestor::s3 {

namespace asio = boost::asio;
using std::chrono::steady_clock;

/// Shared by the reader and the coroutine that fetches it.
struct read_ahead::part {
  part(const asio::any_io_executor& executor, requester::part_place in,
       proto::get_object_query what)
      : place{std::move(in)},
        asked{std::move(what)},
        bytes(static_cast<std::size_t>(*asked.last_byte - asked.first_byte + 1)),
        changed{executor, steady_clock::time_point::max()},
        left{executor, steady_clock::time_point::max()} {}

  requester::part_place place;
  proto::get_object_query asked;
  std::vector<std::byte> bytes;
  std::size_t arrived = 0;
  std::optional<error> failure;
  asio::steady_timer changed;  // cancelled at each change
  asio::steady_timer left;     // due when nobody wants it any more
};

read_ahead::read_ahead(std::shared_ptr<requester> on, std::string key, std::string etag,
                       std::int64_t first, std::int64_t end)
    : on_{std::move(on)}, key_{std::move(key)}, etag_{std::move(etag)}, next_{first}, end_{end} {}

read_ahead::~read_ahead() {
  for (const auto& each : parts_) each->left.expires_at(steady_clock::time_point::min());
}

void read_ahead::want(std::size_t parts) {
  wanted_ = std::min(parts, parts_max);
  begin_parts();
}

void read_ahead::begin_parts() {
  while (parts_.size() < wanted_ && next_ < end_) {
    auto place = on_->take_part_place();
    if (!place) return;
    const auto last = std::min(next_ + part_bytes, end_) - 1;
    proto::get_object_query asked{key_, etag_, next_, last};
    next_ = last + 1;
    const auto& executor = on_->executor();
    auto into = std::make_shared<part>(executor, std::move(*place), std::move(asked));
    parts_.push_back(into);
    asio::co_spawn(executor, fetch_until_left(on_, into), [](const std::exception_ptr& bug) {
      if (bug) std::rethrow_exception(bug);
    });
  }
}

asio::awaitable<void> read_ahead::fetch_until_left(std::shared_ptr<requester> on,
                                                   std::shared_ptr<part> into) {
  using namespace asio::experimental::awaitable_operators;
  auto fetching = fetch(std::move(on), into);
  auto leaving = into->left.async_wait(http::as_values);
  co_await (std::move(fetching) || std::move(leaving));
}

asio::awaitable<void> read_ahead::fetch(std::shared_ptr<requester> on, std::shared_ptr<part> into) {
  auto opened = co_await open_object(*on, into->asked);
  if (!opened) {
    into->failure = opened.error();
    into->changed.cancel();
    co_return;
  }
  range_stream stream{on, into->asked, std::move(*opened)};
  for (;;) {
    const auto piece = co_await stream.read();
    if (!piece) into->failure = piece.error();
    if (!piece || piece->empty()) break;
    // No part is longer than it was asked to be: check_object_head and range_stream have seen to
    // it.
    std::memcpy(into->bytes.data() + into->arrived, piece->data(), piece->size());
    into->arrived += piece->size();
    into->changed.cancel();
  }
  into->changed.cancel();
}

void read_ahead::drop_read() {
  if (parts_.empty() || read_ < parts_.front()->bytes.size()) return;
  parts_.pop_front();
  read_ = 0;
  begin_parts();
}

bool read_ahead::input_pending() const {
  return !parts_.empty() && read_ < parts_.front()->arrived;
}

asio::awaitable<result<const_bytes>> read_ahead::read() {
  drop_read();
  if (parts_.empty()) co_return const_bytes{};
  const auto first = parts_.front();
  while (read_ == first->arrived) {
    if (first->failure) co_return *first->failure;
    co_await first->changed.async_wait(http::as_values);
  }
  const auto bytes = std::min(first->arrived - read_, on_->options().piece_bytes);
  const const_bytes piece{first->bytes.data() + read_, bytes};
  read_ += bytes;
  co_return piece;
}

}  // namespace ingestor::s3
