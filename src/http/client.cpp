#include "http/client.hpp"

#include "http/answer_head.hpp"
#include "http/proxy.hpp"
#include "http/tunnel.hpp"

#include <boost/asio/buffer.hpp>

#include <algorithm>
#include <array>

namespace ingestor::http {
namespace {

namespace asio = boost::asio;
using std::chrono::steady_clock;

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return c > 0x20 && c < 0x7f &&
           std::string_view{"()<>@,;:\\\"/[]?={}"}.find(c) == std::string_view::npos;
  });
}

/// Bytes that could end the line are what must not get through; obs-text may.
bool is_field_value(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte == '\t' || (byte >= 0x20 && byte != 0x7f);
  });
}

bool is_target(std::string_view text) {
  return text.starts_with('/') &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

/// In the request's line: the path, or all of it for a proxy (RFC 9112, section 3.2.2).
std::string line_target(const std::string& target, const pool_options& to) {
  if (!to.via || to.where.tls) return target;
  const auto with_port = name_of(to.where);
  return "http://" + (to.where.port == 80 ? with_port.substr(0, with_port.rfind(':')) : with_port) +
         target;
}

result<std::string> request_head(const client_request& request, const pool_options& to) {
  if (!is_token(request.method) || !is_target(request.target)) {
    return error{error_kind::invalid, "the request's method or target has forbidden characters"};
  }
  std::string out = request.method + ' ' + line_target(request.target, to) + " HTTP/1.1\r\n";
  for (const auto& [name, value] : request.headers) {
    if (!is_token(name) || !is_field_value(value)) {
      return error{error_kind::invalid, "a request header has forbidden characters: " + name};
    }
    out.append(name).append(": ").append(value).append("\r\n");
  }
  if (to.via && !to.where.tls && !to.via->user_info.empty()) {
    out.append("Proxy-Authorization: ").append(basic_authorization(to.via->user_info).reveal());
    out.append("\r\n");
  }
  if (!request.body.empty()) {
    out.append("Content-Length: ").append(std::to_string(request.body.size())).append("\r\n");
  }
  return out.append("\r\n");
}

}  // namespace

client::client(asio::any_io_executor executor, client_options options)
    : options_{std::move(options)},
      pool_{std::make_shared<connection_pool>(std::move(executor), options_.pool)} {}

asio::awaitable<result<client_response>> client::send(client_request request) {
  const auto head = request_head(request, options_.pool);
  if (!head) co_return head.error();
  bool fresh = false;
  for (;;) {
    auto lease = co_await pool_->acquire(fresh);
    if (!lease) co_return lease.error();
    auto& on = *(*lease)->held;
    auto parser = co_await exchange(on, request, *head);
    if (parser) {
      co_return client_response{std::move(*lease), std::move(*parser), options_.body};
    }
    const bool stale =
        parser.error().kind == error_kind::closed && on.reused && request.method != "POST";
    if (!stale || fresh) co_return parser.error();
    fresh = true;
  }
}

asio::awaitable<result<std::unique_ptr<answer_parser>>> client::exchange(
    connection& on, const client_request& request, std::string_view head) {
  on.wire->expires_at(steady_clock::now() + options_.first_byte_timeout);
  const std::array parts{head, request.body};
  for (const auto part : parts) {
    if (part.empty()) continue;
    const auto written = co_await on.wire->write(asio::buffer(part.data(), part.size()));
    if (!written) co_return io_error(written.error(), doing("sending a request to"));
  }
  auto answer = co_await read_answer_head(*on.wire, on.received, options_.header,
                                          request.method == "HEAD", doing("the answer of"));
  const auto& to = options_.pool;
  if (answer && to.via && !to.where.tls && (*answer)->get().result_int() == 407) {
    co_return wants_authentication(*to.via, to.where);
  }
  co_return answer;
}

std::string client::doing(std::string_view what) const {
  return std::string{what} + ' ' + name_of(options_.pool.where);
}

}  // namespace ingestor::http
