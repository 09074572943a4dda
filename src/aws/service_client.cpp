#include "aws/service_client.hpp"

#include "base/bytes.hpp"
#include "http/tls_context.hpp"

#include <chrono>
#include <utility>

namespace ingestor::aws {
namespace {

namespace asio = boost::asio;
using std::chrono::steady_clock;

error_kind kind_of(http::error_kind kind) {
  switch (kind) {
    case http::error_kind::cancelled:
      return error_kind::cancelled;
    case http::error_kind::configuration:
    case http::error_kind::invalid:
      return error_kind::configuration;
    case http::error_kind::protocol:
    case http::error_kind::limit:
      return error_kind::refused;
    default:
      return error_kind::unreachable;
  }
}

error error_of(const http::error& why) {
  return {kind_of(why.kind), why.message};
}

/// In pieces that each come in time, a body may still take for ever.
asio::awaitable<http::result<std::string>> read_before(http::client_response& response,
                                                       steady_clock::time_point deadline) {
  std::string out;
  for (;;) {
    const auto piece = co_await response.read();
    if (!piece) co_return piece.error();
    if (piece->empty()) co_return out;
    out += as_text(*piece);
    if (out.size() > answer_bytes_max) {
      co_return http::error{http::error_kind::limit, "the answer is longer than 64 KiB"};
    }
    if (steady_clock::now() > deadline) {
      co_return http::error{http::error_kind::timeout, "the answer took too long"};
    }
  }
}

}  // namespace

result<std::unique_ptr<service_client>> service_client::make(const asio::any_io_executor& executor,
                                                             const endpoint& where,
                                                             const std::string& ca_bundle,
                                                             const call_limits& within,
                                                             const http::proxy_settings& proxies) {
  http::client_options options;
  options.pool.where = {where.tls, where.host, where.port};
  options.pool.via = http::proxy_for(options.pool.where, proxies);
  options.pool.connections_max = 1;
  options.pool.connect_timeout = within.connect;
  options.first_byte_timeout = within.first_byte;
  options.body.stall_timeout = within.body;
  options.body.piece_bytes = answer_bytes_max;
  if (where.tls || (options.pool.via && options.pool.via->where.tls)) {
    auto tls = http::client_tls(ca_bundle);
    if (!tls) return error_of(tls.error());
    options.pool.tls = std::move(*tls);
  }
  return std::make_unique<service_client>(executor, std::move(options), within);
}

service_client::service_client(const asio::any_io_executor& executor, http::client_options options,
                               const call_limits& within)
    : http_{executor, std::move(options)}, within_{within} {}

asio::awaitable<result<service_answer>> service_client::call(service_request request) {
  http::client_request out;
  out.method = std::move(request.method);
  out.target = std::move(request.target);
  out.headers = std::move(request.headers);
  out.body = request.body;
  auto response = co_await http_.send(std::move(out));
  if (!response) co_return error_of(response.error());
  service_answer answer;
  answer.status = response->status();
  answer.date = response->header("date");
  auto body = co_await read_before(*response, steady_clock::now() + within_.body);
  if (!body) co_return error_of(body.error());
  answer.body = std::move(*body);
  co_return answer;
}

}  // namespace ingestor::aws
