#include "http/client_response.hpp"

#include <boost/asio/error.hpp>
#include <boost/beast/http/error.hpp>

#include <algorithm>
#include <limits>
#include <utility>

namespace ingestor::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using std::chrono::steady_clock;

std::string_view view(beast::string_view text) {
  return {text.data(), text.size()};
}

const_bytes as_bytes_of(const asio::const_buffer& buffer, std::size_t count) {
  return {static_cast<const std::byte*>(buffer.data()), count};
}

}  // namespace

client_response::client_response(connection_pool::lease lease, std::unique_ptr<parser> head,
                                 body_options options)
    : lease_{std::move(lease)}, head_{std::move(head)}, options_{options} {
  if (head_->is_done()) {
    body_has_ended();
  } else if (head_->chunked()) {
    framing_ = framing::chunked;
    head_->eager(true);
  } else if (const auto length = head_->content_length()) {
    framing_ = framing::length;
    remaining_ = *length;
  } else {
    framing_ = framing::until_close;
    remaining_ = std::numeric_limits<std::uint64_t>::max();
  }
}

std::string_view client_response::reason() const {
  return view(head_->get().reason());
}

std::string_view client_response::header(std::string_view name) const {
  const auto& fields = head_->get();
  const auto found = fields.find(beast::string_view{name.data(), name.size()});
  return found == fields.end() ? std::string_view{} : view(found->value());
}

std::optional<std::uint64_t> client_response::content_length() const {
  if (head_->chunked()) return std::nullopt;
  if (const auto length = head_->content_length()) return *length;
  return head_->is_done() ? std::optional<std::uint64_t>{0} : std::nullopt;
}

bool client_response::input_pending() const {
  if (!lease_ || ended_) return true;
  return lease_->held->received.size() > handed_out_ || lease_->held->wire->has_pending_input();
}

asio::awaitable<result<const_bytes>> client_response::read() {
  if (failure_) co_return *failure_;
  if (lease_) lease_->held->received.consume(std::exchange(handed_out_, 0));
  if (!ended_) {
    auto piece = co_await read_piece();
    if (piece) {
      if (auto slow = too_slow(piece->size())) co_return fail(std::move(*slow));
    }
    if (!piece || !piece->empty()) co_return piece;
  }
  lease_.reset();
  co_return const_bytes{};
}

asio::awaitable<result<const_bytes>> client_response::read_piece() {
  return framing_ == framing::chunked ? read_chunked() : read_identity();
}

// A body that is sent as it is needs no parser: what came with the head is handed out where it
// lies, the rest is received straight into the piece.
asio::awaitable<result<const_bytes>> client_response::read_identity() {
  auto& from = *lease_->held;
  if (from.received.size() > 0) co_return take_received();
  from.piece.resize(options_.piece_bytes);
  const auto want = std::min<std::uint64_t>(remaining_, from.piece.size());
  const auto got =
      co_await receive(asio::buffer(from.piece.data(), static_cast<std::size_t>(want)));
  if (!got) co_return got.error();
  if (framing_ == framing::until_close) {
    if (*got == 0) body_has_ended();
  } else {
    remaining_ -= *got;
    if (remaining_ == 0) body_has_ended();
  }
  co_return const_bytes{from.piece.data(), *got};
}

result<const_bytes> client_response::take_received() {
  const auto data = lease_->held->received.data();
  const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(remaining_, data.size()));
  handed_out_ = count;
  if (framing_ == framing::length) {
    remaining_ -= count;
    if (remaining_ == 0) body_has_ended();
  }
  return as_bytes_of(data, count);
}

asio::awaitable<result<const_bytes>> client_response::read_chunked() {
  auto& from = *lease_->held;
  from.piece.resize(options_.piece_bytes);
  for (;;) {
    bool starved = false;
    const auto piece = parse_chunks(starved);
    if (!piece || !piece->empty() || ended_) co_return piece;
    if (!starved) continue;
    // Sizes and extensions of chunks are no progress.
    if (auto slow = too_slow(0)) co_return fail(std::move(*slow));
    if (from.received.size() == from.received.max_size()) {
      co_return fail({error_kind::limit, doing() + " has too long a chunk header"});
    }
    const auto room = from.received.max_size() - from.received.size();
    const auto got = co_await receive(from.received.prepare(std::min(room, options_.piece_bytes)));
    if (!got) co_return got.error();
    from.received.commit(*got);
  }
}

/// Decodes what has been received; `starved` means that more must be received first.
result<const_bytes> client_response::parse_chunks(bool& starved) {
  auto& from = *lease_->held;
  starved = from.received.size() == 0;
  if (starved) return const_bytes{};
  auto& body = head_->get().body();
  body.data = from.piece.data();
  body.size = from.piece.size();
  body.more = true;
  beast::error_code failed;
  const auto taken = head_->put(from.received.data(), failed);
  from.received.consume(taken);
  const auto count = from.piece.size() - body.size;
  if (failed == beast::http::error::need_more) {
    starved = true;
  } else if (failed && failed != beast::http::error::need_buffer) {
    return fail(io_error(failed, doing()));
  }
  if (head_->is_done()) body_has_ended();
  return const_bytes{from.piece.data(), count};
}

/// At least one byte; 0 only at the end of a body that ends with its connection.
asio::awaitable<result<std::size_t>> client_response::receive(asio::mutable_buffer into) {
  auto& wire = *lease_->held->wire;
  const auto begun = steady_clock::now();
  wire.expires_at(begun + options_.stall_timeout);
  const auto got = co_await wire.read_some(into);
  waited_ += steady_clock::now() - begun;
  if (got) co_return *got;
  if (got.error() != asio::error::eof) co_return fail(io_error(got.error(), doing()));
  if (framing_ == framing::until_close) co_return std::size_t{0};
  auto message = doing() + " ended too early";
  if (framing_ == framing::length) {
    message += ": " + std::to_string(remaining_) + " bytes are missing";
  }
  co_return fail({error_kind::closed, std::move(message)});
}

/// Counts what has arrived; an error when a window is over and there was too little in it.
std::optional<error> client_response::too_slow(std::size_t arrived) {
  window_bytes_ += arrived;
  if (waited_ < options_.floor_window) return std::nullopt;
  const auto seconds = std::chrono::duration<double>(waited_).count();
  const auto rate = static_cast<double>(window_bytes_) / seconds;
  waited_ = {};
  window_bytes_ = 0;
  if (ended_ || rate >= static_cast<double>(options_.floor_bytes_per_second)) return std::nullopt;
  return error{error_kind::timeout,
               doing() + " is too slow: " + std::to_string(static_cast<std::uint64_t>(rate)) +
                   " bytes a second, less than " + std::to_string(options_.floor_bytes_per_second)};
}

std::string client_response::doing() const {
  return "the body of an answer with HTTP " + std::to_string(status());
}

error client_response::fail(error why) {
  lease_.reset();
  failure_ = why;
  return why;
}

void client_response::body_has_ended() {
  ended_ = true;
  // Bytes behind the body belong to no answer: such a connection is out of step.
  const bool clean = lease_->held->received.size() == handed_out_;
  lease_->reusable = clean && framing_ != framing::until_close && head_->keep_alive();
}

asio::awaitable<result<std::string>> read_all(client_response& response, std::size_t bytes_max) {
  std::string out;
  for (;;) {
    const auto piece = co_await response.read();
    if (!piece) co_return piece.error();
    if (piece->empty()) co_return out;
    if (out.size() + piece->size() > bytes_max) {
      co_return error{error_kind::limit,
                      "the answer is longer than " + std::to_string(bytes_max) + " bytes"};
    }
    out += as_text(*piece);
  }
}

}  // namespace ingestor::http
