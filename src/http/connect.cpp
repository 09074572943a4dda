#include "http/connect.hpp"

#include "http/connect_race.hpp"
#include "http/tunnel.hpp"

#include <string>
#include <utility>

namespace ingestor::http {
namespace {

namespace asio = boost::asio;
using std::chrono::steady_clock;

error handshake_error(const handshake_failure& failed, const std::string& name) {
  auto out = io_error(failed.code, "the TLS handshake with " + name);
  if (out.kind == error_kind::timeout || out.kind == error_kind::cancelled) return out;
  out.kind = error_kind::tls;
  if (!failed.distrust.empty()) {
    out.kind = failed.unknown_authority ? error_kind::authority : error_kind::certificate;
    out.message = "the certificate of " + name + " is not trusted: " + failed.distrust;
  }
  return out;
}

asio::awaitable<result<std::unique_ptr<transport>>> secure(std::unique_ptr<transport> wire,
                                                           handshake how, std::string name) {
  auto secured = co_await wire->secured(std::move(how));
  if (!secured) co_return handshake_error(secured.error(), name);
  co_return std::move(*secured);
}

asio::awaitable<result<std::unique_ptr<transport>>> connect_tcp(const connect_options& options,
                                                                const origin& to, std::string name,
                                                                steady_clock::time_point deadline) {
  auto endpoints = co_await options.lookup(to, deadline);
  if (!endpoints) {
    auto failure = endpoints.error();
    if (options.via) failure.message = name + " cannot be found: " + failure.message;
    co_return failure;
  }
  auto in_turn = interleaved(*endpoints);
  if (in_turn.size() > addresses_max) in_turn.resize(addresses_max);
  auto socket = co_await connect_first(std::move(in_turn), deadline, options.attempt_delay);
  if (!socket) {
    auto failure = io_error(socket.error(), "connecting to " + name);
    if (failure.kind == error_kind::closed) failure.kind = error_kind::connect;
    co_return failure;
  }
  co_return plain_transport(std::move(*socket));
}

asio::awaitable<result<std::unique_ptr<transport>>> connect_to_proxy(
    const connect_options& options, steady_clock::time_point deadline) {
  const auto& via = *options.via;
  const auto name = name_of(via, options.where);
  auto wire = co_await connect_tcp(options, via.where, name, deadline);
  if (wire && via.where.tls) {
    handshake how{via.where.host, options.tls, nullptr, deadline};
    wire = co_await secure(std::move(*wire), std::move(how), name);
  }
  if (!wire || !options.where.tls) co_return wire;
  const auto opened = co_await open_tunnel(**wire, options.where, via, deadline);
  if (!opened) co_return opened.error();
  co_return wire;
}

/// Until the first byte that is meant for `where` could be sent.
asio::awaitable<result<std::unique_ptr<transport>>> reach(const connect_options& options,
                                                          steady_clock::time_point deadline) {
  if (options.via) co_return co_await connect_to_proxy(options, deadline);
  const auto name = name_of(options.where);
  co_return co_await connect_tcp(options, options.where, name, deadline);
}

}  // namespace

asio::awaitable<result<std::unique_ptr<transport>>> connect(
    const connect_options& options, std::shared_ptr<tls_sessions> sessions) {
  const auto deadline = steady_clock::now() + options.connect_timeout;
  auto wire = co_await reach(options, deadline);
  if (!wire || !options.where.tls) co_return wire;
  handshake how{options.where.host, options.tls, std::move(sessions), deadline};
  co_return co_await secure(std::move(*wire), std::move(how), name_of(options.where));
}

}  // namespace ingestor::http
