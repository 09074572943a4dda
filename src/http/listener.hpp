// The sockets that a server listens on.
#pragma once

#include "http/error.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace ingestor::http {

using acceptors = std::vector<boost::asio::ip::tcp::acceptor>;

/// One for each address of `host` that this machine has, at least one, all on the same port: where
/// `port` is 0, one that is free on all. See server::listen().
result<acceptors> listen_on(const boost::asio::any_io_executor& executor, const std::string& host,
                            std::uint16_t port);

}  // namespace ingestor::http
