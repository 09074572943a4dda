#include "http/connect.hpp"

#include "http/awaiting.hpp"
#include "http/resolve.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>

#include <string>
#include <utility>
#include <vector>

namespace ingestor::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;
using boost::system::error_code;
using std::chrono::steady_clock;

/// The first address that takes the connection; the error is the last address's.
asio::awaitable<ingestor::result<std::unique_ptr<beast::tcp_stream>, error_code>> connect_tcp(
    std::vector<tcp::endpoint> endpoints, steady_clock::time_point deadline) {
  const auto executor = co_await asio::this_coro::executor;
  error_code failure = asio::error::host_not_found;
  for (std::size_t i = 0; i < endpoints.size(); ++i) {
    auto stream = std::make_unique<beast::tcp_stream>(executor);
    const auto left = deadline - steady_clock::now();
    stream->expires_after(left / static_cast<int>(endpoints.size() - i));
    const auto [failed] = co_await stream->async_connect(endpoints[i], as_values);
    if (!failed) {
      error_code ignored;
      stream->socket().set_option(tcp::no_delay{true}, ignored);
      co_return std::move(stream);
    }
    failure = failed;
    if (failed == asio::error::operation_aborted) break;
  }
  co_return failure;
}

error handshake_error(const handshake_failure& failed, const origin& where) {
  auto out = io_error(failed.code, "the TLS handshake with " + name_of(where));
  if (out.kind == error_kind::timeout || out.kind == error_kind::cancelled) return out;
  out.kind = error_kind::tls;
  if (!failed.distrust.empty()) {
    out.kind = failed.unknown_authority ? error_kind::authority : error_kind::certificate;
    out.message = "the certificate of " + name_of(where) + " is not trusted: " + failed.distrust;
  }
  return out;
}

}  // namespace

asio::awaitable<result<std::unique_ptr<transport>>> connect(
    origin where, std::shared_ptr<asio::ssl::context> context, std::chrono::milliseconds timeout) {
  const auto deadline = steady_clock::now() + timeout;
  auto endpoints = co_await resolve(where, deadline);
  if (!endpoints) co_return endpoints.error();

  auto stream = co_await connect_tcp(std::move(*endpoints), deadline);
  if (!stream) {
    auto failure = io_error(stream.error(), "connecting to " + name_of(where));
    if (failure.kind == error_kind::closed) failure.kind = error_kind::connect;
    co_return failure;
  }
  if (!where.tls) co_return plain_transport(std::move(**stream));

  auto secured =
      co_await tls_transport(std::move(**stream), std::move(context), where.host, deadline);
  if (!secured) co_return handshake_error(secured.error(), where);
  co_return std::move(*secured);
}

}  // namespace ingestor::http
