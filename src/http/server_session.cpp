#include "http/server_session.hpp"

#include "http/awaiting.hpp"

#include <boost/asio/write.hpp>
#include <boost/beast/http/status.hpp>

#include <array>
#include <ctime>
#include <string_view>
#include <utility>

namespace ingestor::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using boost::system::error_code;

/// How much of a request that nobody wants is read, so that its sender sees the answer and not a
/// reset (RFC 9112, section 9.6).
constexpr std::size_t drain_bytes_max = std::size_t{256} * 1024;
constexpr std::chrono::milliseconds drain_timeout{1'000};

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
    : socket_{std::move(socket)},
      deadline_{socket_.get_executor()},
      options_{options},
      answer_{answer},
      reader_{header_limits{options.header_bytes_max, options.header_fields_max}} {}

void server_session::close() {
  error_code ignored;
  socket_.close(ignored);
}

void server_session::to_the_back(list& open, server_session& of) {
  // Taken out, it was closed to make room, and is about to end.
  if (!of.is_linked()) return;
  of.unlink();
  open.push_back(of);
}

asio::awaitable<void> server_session::run(list& open) {
  open.push_back(*this);
  for (;;) {
    const auto got = co_await read_request();
    if (!got) co_return;
    to_the_back(open, *this);
    const auto answer = answer_to(*got);
    const bool sent = co_await send(answer, got->asked.method == "HEAD", got->keep_alive);
    if (!sent) co_return;
    to_the_back(open, *this);
    if (!got->keep_alive) {
      co_await drain();
      co_return;
    }
  }
}

/// nullopt: the connection is over.
asio::awaitable<std::optional<incoming_request>> server_session::read_request() {
  bool begun = reader_.begun();
  allow(begun ? options_.read_timeout : options_.idle_timeout);
  for (;;) {
    if (auto complete = reader_.next()) co_return complete;
    const auto room = reader_.room();
    const auto [failed, count] = co_await socket_.async_read_some(room, as_values);
    if (late_ && begun) {
      incoming_request slow;
      slow.refused = plain_response(408, "the request took too long to arrive");
      co_return slow;
    }
    if (failed || late_) co_return std::nullopt;
    reader_.received(count);
    if (!std::exchange(begun, true)) allow(options_.read_timeout);
  }
}

response server_session::answer_to(const incoming_request& got) const {
  if (got.refused) return *got.refused;
  try {
    return answer_(got.asked);
  } catch (const std::exception&) {
    return plain_response(500, "this page could not be made");
  }
}

asio::awaitable<bool> server_session::send(const response& what, bool head_only, bool keep_alive) {
  const auto head = head_of(what, keep_alive);
  const std::array<asio::const_buffer, 2> parts{
      asio::buffer(head), head_only ? asio::const_buffer{} : asio::buffer(what.body)};
  allow(options_.write_timeout);
  const auto [failed, count] = co_await asio::async_write(socket_, parts, as_values);
  co_return !failed;
}

asio::awaitable<void> server_session::drain() {
  error_code ignored;
  socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  allow(drain_timeout);
  std::size_t drained = 0;
  while (drained < drain_bytes_max && !late_) {
    reader_.discard();
    const auto room = reader_.room();
    const auto [failed, count] = co_await socket_.async_read_some(room, as_values);
    if (failed) co_return;
    drained += count;
  }
}

void server_session::allow(std::chrono::milliseconds time) {
  late_ = false;
  deadline_.expires_after(time);
  deadline_.async_wait([weak = weak_from_this()](error_code code) {
    const auto self = weak.lock();
    if (self && !code) self->expire();
  });
}

void server_session::expire() {
  // A wait that had ended already when its time was set anew.
  if (std::chrono::steady_clock::now() < deadline_.expiry()) return;
  late_ = true;
  error_code ignored;
  socket_.cancel(ignored);
}

}  // namespace ingestor::http
