// Several addresses of one host, tried nearly at once (RFC 8305, "Happy Eyeballs").
#pragma once

#include "base/result.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>

#include <chrono>
#include <vector>

namespace ingestor::http {

/// By turns one of each family, beginning with the first one's, each family in its own order: an
/// IPv6 network that swallows packets costs one delay and not one for each of its addresses.
std::vector<boost::asio::ip::tcp::endpoint> interleaved(
    const std::vector<boost::asio::ip::tcp::endpoint>& endpoints);

/// Tries the addresses in the order given; the next one when `attempt_delay` is over or an attempt
/// has failed, while the others go on. The first connection that stands is the result, the others
/// are closed. The error is beast::error::timeout after the deadline, else that of the attempt that
/// failed last. Cancellation: ends at once with operation_aborted, everything closed.
boost::asio::awaitable<ingestor::result<boost::asio::ip::tcp::socket, boost::system::error_code>>
connect_first(std::vector<boost::asio::ip::tcp::endpoint> endpoints,
              std::chrono::steady_clock::time_point deadline,
              std::chrono::milliseconds attempt_delay);

}  // namespace ingestor::http
