// One connection of the server, from its first request to its last.
#pragma once

#include "http/request_reader.hpp"
#include "http/server.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/intrusive/list.hpp>

#include <chrono>
#include <memory>
#include <optional>

namespace ingestor::http {

/// Ends its place in the list together with the session.
using session_hook =
    boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

/// Made by make_shared. The options and the handler must outlive run().
class server_session : public session_hook, public std::enable_shared_from_this<server_session> {
 public:
  /// In front stands the session that has done nothing useful for the longest time: no request has
  /// become complete on it, and no answer has reached its reader.
  using list = boost::intrusive::list<server_session, boost::intrusive::constant_time_size<false>>;

  server_session(boost::asio::ip::tcp::socket socket, const server_options& options,
                 const handler& answer);

  /// Returns when the connection is over; stands in `open` until then, unless taken out.
  boost::asio::awaitable<void> run(list& open);

  /// Ends run() soon; the descriptor is free at once.
  void close();

 private:
  boost::asio::awaitable<std::optional<incoming_request>> read_request();
  boost::asio::awaitable<bool> send(const response& what, bool head_only, bool keep_alive);
  boost::asio::awaitable<void> drain();
  response answer_to(const incoming_request& got) const;

  /// From now on; then what the socket waits for ends with an error, and late_ is true.
  void allow(std::chrono::milliseconds time);
  void expire();
  static void to_the_back(list& open, server_session& of);

  boost::asio::ip::tcp::socket socket_;
  boost::asio::steady_timer deadline_;
  bool late_ = false;
  const server_options& options_;
  const handler& answer_;
  request_reader reader_;
};

}  // namespace ingestor::http
