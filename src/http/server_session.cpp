#include "http/server_session.hpp"

#include "http/awaiting.hpp"
#include "http/header_feed.hpp"

#include <boost/asio/write.hpp>
#include <boost/beast/http/fields.hpp>
#include <boost/beast/http/status.hpp>

#include <array>
#include <ctime>
#include <string_view>
#include <utility>

namespace ingestor::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;

constexpr std::size_t receive_step_bytes = std::size_t{4} * 1024;
/// How much of a request that nobody wants is read, so that its sender sees the answer and not a
/// reset (RFC 9112, section 9.6).
constexpr std::size_t drain_bytes_max = std::size_t{256} * 1024;
constexpr std::chrono::milliseconds drain_timeout{1'000};

response plain(unsigned status, std::string_view text) {
  return {status, "text/plain; charset=utf-8", std::string{text} + '\n', {}};
}

/// RFC 9110, section 5.6.7.
std::string http_date(std::time_t now) {
  std::tm utc{};
  ::gmtime_r(&now, &utc);
  std::array<char, 64> out{};
  const auto size = std::strftime(out.data(), out.size(), "%a, %d %b %Y %H:%M:%S GMT", &utc);
  return {out.data(), size};
}

std::string head_of(const response& what, bool keep_alive) {
  const auto reason = beast::http::obsolete_reason(beast::http::int_to_status(what.status));
  std::string out = "HTTP/1.1 " + std::to_string(what.status) + ' ';
  out.append(reason.data(), reason.size()).append("\r\nDate: ").append(http_date(::time(nullptr)));
  out.append("\r\nContent-Length: ").append(std::to_string(what.body.size())).append("\r\n");
  if (!what.content_type.empty()) {
    out.append("Content-Type: ").append(what.content_type).append("\r\n");
  }
  for (const auto& [name, value] : what.headers) {
    out.append(name).append(": ").append(value).append("\r\n");
  }
  return out.append(keep_alive ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n");
}

}  // namespace

server_session::server_session(asio::ip::tcp::socket socket, const server_options& options,
                               const handler& answer)
    : stream_{std::move(socket)},
      options_{options},
      answer_{answer},
      received_{options.header_bytes_max + receive_step_bytes} {}

void server_session::close() {
  stream_.close();
}

asio::awaitable<void> server_session::run() {
  for (;;) {
    parser head;
    head.header_limit(static_cast<std::uint32_t>(options_.header_bytes_max));
    head.body_limit(boost::none);
    const auto next = co_await read_head(head);
    if (next == next_step::close) co_return;
    if (next == next_step::refuse) {
      co_await send(refusal_, nullptr, false);
      co_await drain();
      co_return;
    }
    // A body is not read, so nothing can follow it.
    const bool keep_alive = head.keep_alive() && head.is_done();
    const auto answer = answer_to(head);
    const bool sent = co_await send(answer, &head, keep_alive);
    if (!sent) co_return;
    if (!keep_alive) {
      co_await drain();
      co_return;
    }
  }
}

asio::awaitable<server_session::next_step> server_session::read_head(parser& into) {
  const header_limits limits{options_.header_bytes_max, options_.header_fields_max};
  std::size_t bytes = 0;
  bool begun = received_.size() > 0;
  stream_.expires_after(begun ? options_.read_timeout : options_.idle_timeout);
  for (;;) {
    const auto code = feed_header(into, received_, bytes, limits);
    if (code != beast::http::error::need_more) co_return judge(into, code);
    const auto room = received_.prepare(receive_step_bytes);
    const auto [failed, count] = co_await stream_.async_read_some(room, as_values);
    if (failed) co_return next_step::close;
    received_.commit(count);
    if (!std::exchange(begun, true)) stream_.expires_after(options_.read_timeout);
  }
}

/// What to do with a head that is complete, or wrong.
server_session::next_step server_session::judge(const parser& head, beast::error_code code) {
  if (code == beast::http::error::header_limit) {
    refusal_ = plain(431, "the request's head is too large");
    return next_step::refuse;
  }
  if (code) {
    refusal_ = plain(400, "malformed request: " + code.message());
    return next_step::refuse;
  }
  const auto& got = head.get();
  if (got.version() >= 11 && got.count(beast::http::field::host) != 1) {
    refusal_ = plain(400, "malformed request: exactly one Host header is needed");
    return next_step::refuse;
  }
  return next_step::answer_request;
}

response server_session::answer_to(const parser& head) const {
  const auto& got = head.get();
  const auto method = got.method();
  if (method != beast::http::verb::get && method != beast::http::verb::head) {
    auto refused = plain(405, "only GET and HEAD are served here");
    refused.headers.emplace_back("Allow", "GET, HEAD");
    return refused;
  }
  try {
    const auto name = got.method_string();
    const auto target = got.target();
    return answer_({{name.data(), name.size()}, {target.data(), target.size()}});
  } catch (const std::exception&) {
    return plain(500, "this page could not be made");
  }
}

asio::awaitable<bool> server_session::send(const response& what, const parser* to,
                                           bool keep_alive) {
  const auto head = head_of(what, keep_alive);
  const bool head_only = to != nullptr && to->get().method() == beast::http::verb::head;
  const std::array<asio::const_buffer, 2> parts{
      asio::buffer(head), head_only ? asio::const_buffer{} : asio::buffer(what.body)};
  stream_.expires_after(options_.write_timeout);
  const auto [failed, count] = co_await asio::async_write(stream_, parts, as_values);
  co_return !failed;
}

asio::awaitable<void> server_session::drain() {
  boost::system::error_code ignored;
  stream_.socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  stream_.expires_after(drain_timeout);
  received_.consume(received_.size());
  std::size_t drained = 0;
  while (drained < drain_bytes_max) {
    const auto [failed, count] =
        co_await stream_.async_read_some(received_.prepare(receive_step_bytes), as_values);
    if (failed) co_return;
    drained += count;
  }
}

}  // namespace ingestor::http
