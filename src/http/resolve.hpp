// A host's addresses, within a deadline.
#pragma once

#include "http/error.hpp"
#include "http/origin.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <vector>

namespace ingestor::http {

/// At most `addresses_max` addresses of each family, in the system's order of preference (RFC
/// 6724). Nothing is kept: whoever asks again learns of a change at once. The lookup itself
/// (getaddrinfo, on a thread of Asio's) cannot be interrupted: when the deadline passes nobody
/// waits for it any longer, and its answer is thrown away; but later lookups wait for that thread,
/// and so does the destructor of the io_context, as long as the system's resolver tries.
inline constexpr std::size_t addresses_max = 8;

boost::asio::awaitable<result<std::vector<boost::asio::ip::tcp::endpoint>>> resolve(
    origin where, std::chrono::steady_clock::time_point deadline);

/// Something that looks names up as resolve() does: a test's.
using resolver =
    std::function<boost::asio::awaitable<result<std::vector<boost::asio::ip::tcp::endpoint>>>(
        origin where, std::chrono::steady_clock::time_point deadline)>;

}  // namespace ingestor::http
