// An answer whose body is read piece by piece.
#pragma once

#include "base/bytes.hpp"
#include "http/answer_head.hpp"
#include "http/connection_pool.hpp"
#include "http/error.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace ingestor::http {

struct body_options {
  /// One read's worth, and the size of a connection's body buffer.
  std::size_t piece_bytes = std::size_t{128} * 1024;
  /// The longest time in which no byte arrives.
  std::chrono::milliseconds stall_timeout{30'000};
  /// A body that is slower is broken. What counts is the time in which read() waits for bytes, so
  /// that a reader may take as long as it likes between two of them. 0: no floor.
  std::uint64_t floor_bytes_per_second = 1024;
  /// Over which it is averaged. A body that slows down is broken within two of these.
  std::chrono::milliseconds floor_window{30'000};
};

/// Movable. Destroyed after the whole body has been handed out its connection goes back to the
/// pool, before that it is closed.
class client_response {
 public:
  using parser = answer_parser;

  /// `head` has read its header and nothing else.
  client_response(connection_pool::lease lease, std::unique_ptr<parser> head, body_options options);

  unsigned status() const { return head_->get().result_int(); }
  std::string_view reason() const;
  /// The first header of that name; empty when there is none.
  std::string_view header(std::string_view name) const;
  /// None for a chunked body, and for one that ends with its connection.
  std::optional<std::uint64_t> content_length() const;
  /// Whether a cut body cannot be told from a whole one (RFC 9112, section 6.3, rule 8).
  bool ends_with_connection() const { return framing_ == framing::until_close; }

  /// Whether something has arrived that read() has not given yet.
  bool input_pending() const;

  /// The next piece, valid until the next read(); empty: the whole body has arrived. A body that
  /// ends early is an error, and the error is repeated by every further read().
  boost::asio::awaitable<result<const_bytes>> read();

 private:
  enum class framing { none, length, chunked, until_close };

  boost::asio::awaitable<result<const_bytes>> read_piece();
  boost::asio::awaitable<result<const_bytes>> read_identity();
  boost::asio::awaitable<result<const_bytes>> read_chunked();
  boost::asio::awaitable<result<std::size_t>> receive(boost::asio::mutable_buffer into);
  result<const_bytes> parse_chunks(bool& starved);
  result<const_bytes> take_received();
  std::string doing() const;
  std::optional<error> too_slow(std::size_t arrived);
  error fail(error why);
  void body_has_ended();

  connection_pool::lease lease_;
  std::unique_ptr<parser> head_;
  body_options options_;
  framing framing_ = framing::none;
  std::uint64_t remaining_ = 0;  // of a body with a length
  std::size_t handed_out_ = 0;   // bytes of `received` that the last piece points into
  std::chrono::steady_clock::duration waited_{};  // for bytes, in this window of the floor
  std::uint64_t window_bytes_ = 0;                // of the body, in the same
  bool ended_ = false;
  std::optional<error> failure_;
};

/// The whole body, if it has at most `bytes_max`.
boost::asio::awaitable<result<std::string>> read_all(client_response& response,
                                                     std::size_t bytes_max);

}  // namespace ingestor::http
