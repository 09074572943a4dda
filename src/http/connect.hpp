// From a host's name to a connection: look the name up, try its addresses, shake hands.
#pragma once

#include "http/error.hpp"
#include "http/origin.hpp"
#include "http/transport.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ssl/context.hpp>

#include <chrono>
#include <memory>

namespace ingestor::http {

/// `context` may be null where `where` is without TLS. `timeout` covers all steps together; each
/// address gets an equal share of what is left, so that one that swallows packets leaves time for
/// the next. Cancellation: the operation ends at once with error_kind::cancelled.
boost::asio::awaitable<result<std::unique_ptr<transport>>> connect(
    origin where, std::shared_ptr<boost::asio::ssl::context> context,
    std::chrono::milliseconds timeout);

}  // namespace ingestor::http
