// A small HTTP/1.1 server for metrics, health and a status page: GET and HEAD, no request bodies.
//
// It belongs on the same thread as everything else, so it is strict and bounded: limits on heads,
// connections and time, one answer made in one call. Not meant for the open internet; no TLS.
#pragma once

#include "http/error.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace ingestor::http {

struct request {
  std::string method;  ///< GET or HEAD
  std::string target;  ///< as sent: path and query, percent-encoded
  std::string path;    ///< of the target, decoded: see path_of()
};

struct response {
  unsigned status = 200;
  std::string content_type;
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;  ///< further ones
};

/// Runs on the loop and must take no longer than a slice of it. What it throws becomes a 500.
using handler = std::function<response(const request&)>;

struct server_options {
  /// A newcomer beyond them is served all the same: the connection is closed for it that has done
  /// nothing useful for the longest time, be it idle, sending its request, or reading its answer.
  std::size_t connections_max = 64;
  /// Request line and fields together; longer ones are answered with 431.
  std::size_t header_bytes_max = std::size_t{8} * 1024;
  std::size_t header_fields_max = 64;
  /// Between two requests of a kept connection.
  std::chrono::milliseconds idle_timeout{60'000};
  /// From the first byte of a request to the end of its head; what takes longer is answered with
  /// 408.
  std::chrono::milliseconds read_timeout{5'000};
  /// For one answer; a reader that takes longer is cut off.
  std::chrono::milliseconds write_timeout{10'000};
};

class server {
 public:
  server(boost::asio::any_io_executor executor, server_options options);
  server(const server&) = delete;
  server& operator=(const server&) = delete;
  /// As stop().
  ~server();

  /// Binds and listens; the result is the port, which matters where `port` is 0. `host` is an
  /// address or a name (IPv6 with or without brackets; `::` takes IPv4 as well). A name is listened
  /// on at each of its addresses that this machine has, with the same port. Blocks for the name
  /// lookup: call it at start-up.
  result<std::uint16_t> listen(const std::string& host, std::uint16_t port);

  /// Serves from now on. Call it once, after listen().
  void start(handler answer);

  /// Takes no more connections and closes the open ones. What is being written is cut.
  void stop();

  std::size_t connections() const;

  struct state;

 private:
  std::shared_ptr<state> state_;
};

}  // namespace ingestor::http
