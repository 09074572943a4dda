#include "http/answer_head.hpp"

#include <boost/beast/core/string.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <utility>

namespace ingestor::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;

/// 100 and 103 may precede an answer; more of them than this is a peer that plays games.
constexpr int informational_max = 8;
constexpr std::size_t receive_step_bytes = std::size_t{16} * 1024;

/// What two readers could understand differently, they must not read (RFC 9112, section 6.1).
/// Beast has seen to Content-Length, alone and together with chunks.
bool is_unframed(const answer_parser& parser) {
  const auto& head = parser.get();
  const auto codings = head.equal_range(beast::http::field::transfer_encoding);
  if (codings.first == codings.second) return false;
  const bool one = std::next(codings.first) == codings.second;
  return !one || head.version() != 11 || !beast::iequals(codings.first->value(), "chunked");
}

}  // namespace

asio::awaitable<result<std::unique_ptr<answer_parser>>> read_answer_head(
    transport& from, beast::flat_buffer& received, header_limits limits, bool no_body,
    std::string whose) {
  std::size_t header_bytes = 0;
  for (int answers = 0; answers <= informational_max; ++answers) {
    auto parser = std::make_unique<answer_parser>();
    parser->header_limit(static_cast<std::uint32_t>(limits.bytes_max));
    parser->body_limit(boost::none);
    parser->skip(no_body);
    for (;;) {
      const auto code = feed_header(*parser, received, header_bytes, limits);
      if (!code) break;
      if (code != beast::http::error::need_more) co_return io_error(code, whose);
      const auto room = received.max_size() - received.size();
      const auto into = received.prepare(std::min(room, receive_step_bytes));
      const auto got = co_await from.read_some(into);
      if (!got) co_return io_error(got.error(), "reading " + whose);
      received.commit(*got);
    }
    const auto status = parser->get().result_int();
    if (status == 101 || status < 100) break;
    if (status < 200) continue;
    if (!no_body && is_unframed(*parser)) {
      co_return error{error_kind::protocol, whose + " has a Transfer-Encoding that is not chunked"};
    }
    co_return std::move(parser);
  }
  co_return error{error_kind::protocol, whose + " never became a final one"};
}

}  // namespace ingestor::http
