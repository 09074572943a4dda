#include "http/client.hpp"

#include <boost/asio/buffer.hpp>

#include <algorithm>
#include <array>

namespace ingestor::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using std::chrono::steady_clock;

/// 100 and 103 may precede an answer; more of them than this is a peer that plays games.
constexpr int informational_max = 8;
constexpr std::size_t receive_step_bytes = std::size_t{16} * 1024;

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

result<std::string> request_head(const client_request& request) {
  if (!is_token(request.method) || !is_target(request.target)) {
    return error{error_kind::invalid, "the request's method or target has forbidden characters"};
  }
  std::string out = request.method + ' ' + request.target + " HTTP/1.1\r\n";
  for (const auto& [name, value] : request.headers) {
    if (!is_token(name) || !is_field_value(value)) {
      return error{error_kind::invalid, "a request header has forbidden characters: " + name};
    }
    out.append(name).append(": ").append(value).append("\r\n");
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
  const auto head = request_head(request);
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

asio::awaitable<result<client::head_parser>> client::exchange(connection& on,
                                                              const client_request& request,
                                                              std::string_view head) {
  on.wire->expires_at(steady_clock::now() + options_.first_byte_timeout);
  const std::array parts{head, request.body};
  for (const auto part : parts) {
    if (part.empty()) continue;
    const auto written = co_await on.wire->write(asio::buffer(part.data(), part.size()));
    if (!written) co_return io_error(written.error(), doing("sending a request to"));
  }
  co_return co_await read_head(on, request.method == "HEAD");
}

asio::awaitable<result<client::head_parser>> client::read_head(connection& from, bool no_body) {
  std::size_t header_bytes = 0;
  for (int answers = 0; answers <= informational_max; ++answers) {
    auto parser = std::make_unique<client_response::parser>();
    parser->header_limit(static_cast<std::uint32_t>(options_.header.bytes_max));
    parser->body_limit(boost::none);
    parser->skip(no_body);
    for (;;) {
      const auto code = feed_header(*parser, from.received, header_bytes, options_.header);
      if (!code) break;
      if (code != beast::http::error::need_more) co_return io_error(code, doing("the answer of"));
      const auto room = from.received.max_size() - from.received.size();
      const auto into = from.received.prepare(std::min(room, receive_step_bytes));
      const auto got = co_await from.wire->read_some(into);
      if (!got) co_return io_error(got.error(), doing("reading the answer of"));
      from.received.commit(*got);
    }
    const auto status = parser->get().result_int();
    if (status == 101) break;
    if (status >= 200) co_return std::move(parser);
  }
  co_return error{error_kind::protocol, doing("the answer of") + " never became a final one"};
}

std::string client::doing(std::string_view what) const {
  return std::string{what} + ' ' + name_of(options_.pool.where);
}

}  // namespace ingestor::http
