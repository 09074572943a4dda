// The requests in the bytes that one client of the server sends. It reaches no socket and no clock.
#pragma once

#include "http/header_feed.hpp"
#include "http/server.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>

#include <cstddef>
#include <optional>

namespace ingestor::http {

struct incoming_request {
  /// Where it is refused, as much as could be read.
  request asked;
  /// Set: the answer to give: 400, 405 or 431.
  std::optional<response> refused;
  /// Whether another request may follow on this connection.
  bool keep_alive = false;
};

/// Text for people, with its end of line.
response plain_response(unsigned status, std::string_view text);

class request_reader {
 public:
  /// No more bytes are read at once.
  static constexpr std::size_t step_bytes = std::size_t{4} * 1024;

  /// Holds `limits.bytes_max` and one step of bytes at most.
  explicit request_reader(const header_limits& limits);

  /// To be read into; then call received().
  boost::asio::mutable_buffer room();
  void received(std::size_t bytes);

  /// The next request, or nullopt: more bytes are needed. Bodies are not read, so nothing may
  /// follow one; behind a request whose connection is not kept, call it no more.
  std::optional<incoming_request> next();

  /// Whether a request has begun that is not complete.
  bool begun() const;

  /// Forgets what has been received and not been used.
  void discard();

 private:
  using parser = boost::beast::http::request_parser<boost::beast::http::empty_body>;

  incoming_request judge(boost::beast::error_code code) const;

  header_limits limits_;
  boost::beast::flat_buffer received_;
  std::optional<parser> head_;
  std::size_t head_bytes_ = 0;
};

}  // namespace ingestor::http
