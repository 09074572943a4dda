// One connection of the server, from its first request to its last.
#pragma once

#include "http/server.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>

#include <memory>
#include <string>

namespace ingestor::http {

class server_session {
 public:
  server_session(boost::asio::ip::tcp::socket socket, const server_options& options,
                 const handler& answer);

  /// Returns when the connection is over. The options and the handler must outlive it.
  boost::asio::awaitable<void> run();

  /// Ends run() soon.
  void close();

 private:
  using parser = boost::beast::http::request_parser<boost::beast::http::empty_body>;

  enum class next_step { answer_request, refuse, close };

  boost::asio::awaitable<next_step> read_head(parser& into);
  next_step judge(const parser& head, boost::beast::error_code code);
  boost::asio::awaitable<bool> send(const response& what, const parser* to, bool keep_alive);
  boost::asio::awaitable<void> drain();
  response answer_to(const parser& head) const;

  boost::beast::tcp_stream stream_;
  const server_options& options_;
  const handler& answer_;
  boost::beast::flat_buffer received_;
  response refusal_;  // what judge() has to say when it refuses
};

}  // namespace ingestor::http
