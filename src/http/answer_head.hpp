// Reads the head of an answer, and holds it to the rules that decide where its body ends.
#pragma once

#include "http/error.hpp"
#include "http/header_feed.hpp"
#include "http/transport.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>

#include <memory>
#include <string>

namespace ingestor::http {

using answer_parser = boost::beast::http::response_parser<boost::beast::http::buffer_body>;

/// The first head with a final status; what came after it stays in `received`. Informational
/// answers before it (RFC 9110, section 15.2) are dropped, a bounded number of them and within the
/// same `limits`. `no_body`: the answer has none, whatever it says. `whose` is for errors, as in
/// "the answer of 127.0.0.1:9000". The deadline is the transport's.
boost::asio::awaitable<result<std::unique_ptr<answer_parser>>> read_answer_head(
    transport& from, boost::beast::flat_buffer& received, header_limits limits, bool no_body,
    std::string whose);

}  // namespace ingestor::http
