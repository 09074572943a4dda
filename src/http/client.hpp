// An HTTP/1.1 client for one origin: requests out of a pool of keep-alive connections.
//
// Source: RFC 9110, RFC 9112. No redirects, no cookies, no cache; what is sent is what was given.
#pragma once

#include "http/answer_head.hpp"
#include "http/client_response.hpp"
#include "http/connection_pool.hpp"
#include "http/error.hpp"
#include "http/header_feed.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ingestor::http {

struct client_options {
  pool_options pool;
  body_options body;
  header_limits header;
  /// From the request's first byte to the end of the answer's head.
  std::chrono::milliseconds first_byte_timeout{30'000};
};

struct client_request {
  std::string method;
  std::string target;  ///< origin-form, percent-encoded
  /// `Host` among them. Content-Length is added where there is a body.
  std::vector<std::pair<std::string, std::string>> headers;
  /// Sent as a whole before the answer is looked at: meant for small bodies. Must outlive send().
  std::string_view body;
};

/// Must outlive its operations; responses may outlive it.
class client {
 public:
  client(boost::asio::any_io_executor executor, client_options options);

  /// The head of the answer, whatever its status. A kept connection that turns out to be closed is
  /// replaced once by a new one, unless the method is POST. Cancellation: ends at once with
  /// error_kind::cancelled, the connection closed.
  boost::asio::awaitable<result<client_response>> send(client_request request);

  connection_pool::statistics stats() const { return pool_->stats(); }

 private:
  boost::asio::awaitable<result<std::unique_ptr<answer_parser>>> exchange(
      connection& on, const client_request& request, std::string_view head);
  std::string doing(std::string_view what) const;

  client_options options_;
  std::shared_ptr<connection_pool> pool_;
};

}  // namespace ingestor::http
