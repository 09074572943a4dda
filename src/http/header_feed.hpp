// Feeds a Beast parser the head of a message, with a limit on the whole of it.
#pragma once

#include <boost/beast/core/error.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/error.hpp>

#include <cstddef>
#include <iterator>

namespace ingestor::http {

struct header_limits {
  std::size_t bytes_max = std::size_t{32} * 1024;
  std::size_t fields_max = 128;
};

/// Parses what has been received as far as the end of the head. The result is need_more while that
/// is not there, success when it is, and what is wrong otherwise. Beast's own header_limit holds
/// for what one call sees, not for the sum, so `bytes_so_far` counts across calls.
template <class Parser>
boost::beast::error_code feed_header(Parser& parser, boost::beast::flat_buffer& received,
                                     std::size_t& bytes_so_far, const header_limits& limits) {
  boost::beast::error_code code = boost::beast::http::error::need_more;
  // Not eager, the parser stops after the start line and after the fields.
  while (received.size() > 0 && !parser.is_header_done()) {
    const auto taken = parser.put(received.data(), code);
    received.consume(taken);
    bytes_so_far += taken;
    // What has been received and not been used is the head's own only when that needs more.
    const bool needs_more = code == boost::beast::http::error::need_more;
    if (bytes_so_far + (needs_more ? received.size() : 0) > limits.bytes_max) {
      return boost::beast::http::error::header_limit;
    }
    if (code) return code;
  }
  if (!parser.is_header_done()) return boost::beast::http::error::need_more;
  const auto& fields = parser.get();
  if (static_cast<std::size_t>(std::distance(fields.begin(), fields.end())) > limits.fields_max) {
    return boost::beast::http::error::header_limit;
  }
  return {};
}

}  // namespace ingestor::http
