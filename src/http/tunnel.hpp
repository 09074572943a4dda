// A way through a proxy to the target of a request (RFC 9110, section 9.3.6).
#pragma once

#include "http/error.hpp"
#include "http/origin.hpp"
#include "http/proxy.hpp"
#include "http/transport.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>

namespace ingestor::http {

/// Asks the proxy at the other end of `through` for a tunnel; afterwards `through` leads to
/// `target`. A refusal that only a person can change is error_kind::proxy, one that may pass is
/// `connect`. Every error names the proxy and its variable.
boost::asio::awaitable<result<void>> open_tunnel(transport& through, origin target, proxy via,
                                                 std::chrono::steady_clock::time_point deadline);

/// What HTTP 407 means.
error wants_authentication(const proxy& via, const origin& target);

}  // namespace ingestor::http
