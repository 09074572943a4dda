#include "pg/login.hpp"

#include "base/base64.hpp"
#include "pg/deadline.hpp"
#include "pg/fsm/attempt.hpp"
#include "pg/fsm/violation.hpp"
#include "pg/tls.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/this_coro.hpp>
#include <openssl/rand.h>

#include <array>
#include <cstring>
#include <optional>
#include <stdexcept>
#include <utility>

namespace ingestor::pg {
namespace {

namespace asio = boost::asio;
using action = fsm::startup::action;
using tls_context = asio::ssl::context;

std::string fresh_nonce() {
  std::array<std::byte, wire::scram_nonce_bytes> random{};
  if (RAND_bytes(reinterpret_cast<unsigned char*>(random.data()),
                 static_cast<int>(random.size())) != 1) {
    throw std::runtime_error{"the system has no randomness to give"};
  }
  return base64_encode(random);
}

/// Does what the startup machine wants, one request after the other.
class driver {
 public:
  /// `tls` only where the machine may ask for it, `keys` where it may ask for a key.
  driver(const login_request& request, tls_context* tls, message_stream& stream,
         fsm::startup& machine, key_deriver* keys)
      : request_{request}, tls_{tls}, stream_{stream}, machine_{machine}, keys_{keys} {}

  asio::awaitable<result<void>> run();

 private:
  asio::awaitable<action> perform(fsm::io_request wanted);
  asio::awaitable<result<void>> handshake();

  const login_request& request_;
  tls_context* tls_;
  message_stream& stream_;
  fsm::startup& machine_;
  key_deriver* keys_;
};

asio::awaitable<result<void>> driver::run() {
  auto wanted = machine_.begin();
  while (wanted) {
    if (std::holds_alternative<fsm::finished>(*wanted)) co_return result<void>{};
    wanted = co_await perform(*wanted);
  }
  co_return wanted.error();
}

asio::awaitable<action> driver::perform(fsm::io_request wanted) {
  if (const auto* const send = std::get_if<fsm::send>(&wanted)) {
    const auto sent = co_await stream_.send(send->bytes);
    if (!sent) co_return sent.error();
    co_return machine_.on_sent();
  }
  if (std::holds_alternative<fsm::receive_tls_answer>(wanted)) {
    const auto answer = co_await stream_.receive_tls_answer();
    if (!answer) co_return answer.error();
    co_return machine_.on_tls_answer(answer->byte, answer->more_waits);
  }
  if (std::holds_alternative<fsm::start_tls>(wanted)) {
    const auto done = co_await handshake();
    if (!done) co_return done.error();
    auto facts = facts_of(stream_.below().tls());
    co_return machine_.on_tls_established(std::move(facts));
  }
  if (auto* const key = std::get_if<fsm::derive_key>(&wanted)) {
    const auto derived =
        co_await keys_->derive(request_.options.password, std::move(key->salt), key->iterations);
    co_return machine_.on_key(derived);
  }
  const auto frame = co_await stream_.receive_frame(machine_.stage());
  if (!frame) co_return frame.error();
  co_return machine_.on_frame(*frame);
}

asio::awaitable<result<void>> driver::handshake() {
  const auto& host = request_.server.host;
  auto& below = stream_.below();
  below.add_tls(*tls_);
  const auto named = set_peer_name(below.tls(), host, request_.options.sslmode);
  if (!named) co_return named.error();
  const auto failure = co_await below.handshake();
  if (!failure) co_return result<void>{};
  machine_.on_tls_failed();
  co_return handshake_error(below.tls(), failure, request_.options, host);
}

error timed_out() {
  return make_error(error_category::timeout, "the server did not answer in time");
}

asio::awaitable<result<std::unique_ptr<message_stream>>> open(const login_request& request) {
  const auto executor = co_await asio::this_coro::executor;
  auto connecting = std::make_unique<transport>(executor);
  const deadline limit{*connecting, request.until};
  const auto failure = co_await connecting->connect(request.address, request.options.keepalives);
  if (limit.passed()) {
    co_return timed_out();
  }
  if (failure) {
    co_return make_error(error_category::connection, "cannot connect: " + failure.message());
  }
  co_return std::make_unique<message_stream>(std::move(connecting),
                                             request.options.result_bytes_max);
}

struct outcome {
  result<std::unique_ptr<message_stream>> session;
  std::optional<fsm::tls_use> retry{};
};

/// None where none may be needed. It is made before anything is sent: settings that are wrong are
/// told as such, and never a reason to go on without TLS.
result<std::unique_ptr<tls_context>> context_for(const login_request& request) {
  if (request.tls == fsm::tls_use::none) return std::unique_ptr<tls_context>{};
  return make_tls_context(request.options);
}

asio::awaitable<outcome> log_in_once(const login_request& request, fsm::tls_use tls,
                                     tls_context* context, key_deriver& keys) {
  auto stream = co_await open(request);
  if (!stream) co_return outcome{std::move(stream)};
  const deadline limit{(*stream)->below(), request.until};
  fsm::startup machine{request.options, tls, fresh_nonce()};
  driver steps{request, context, **stream, machine, &keys};
  const auto done = co_await steps.run();
  if (limit.passed()) co_return outcome{timed_out()};
  if (!done) co_return outcome{done.error(), machine.retry()};
  (*stream)->session() = machine.take_session();
  co_return outcome{std::move(stream)};
}

asio::awaitable<result<std::unique_ptr<message_stream>>> log_in_at(const login_request& request,
                                                                   key_deriver& keys) {
  const auto context = context_for(request);
  if (!context) co_return context.error();
  auto first = co_await log_in_once(request, request.tls, context->get(), keys);
  if (!first.retry) co_return std::move(first.session);
  auto second = co_await log_in_once(request, *first.retry, context->get(), keys);
  if (second.session) co_return std::move(second.session);
  // The second is the one that decided; the first is told because it is the one that was wanted.
  auto both = second.session.error();
  const auto* const how = *first.retry == fsm::tls_use::none ? "; without TLS: " : "; over TLS: ";
  both.message = first.session.error().message + how + both.message;
  co_return both;
}

std::string text_of(const transport::endpoint& address) {
  const auto family = address.protocol().family();
  if (family != AF_INET && family != AF_INET6) return {};
  asio::ip::tcp::endpoint tcp;
  tcp.resize(address.size());
  std::memcpy(tcp.data(), address.data(), address.size());
  return tcp.address().to_string();
}

}  // namespace

asio::awaitable<result<std::unique_ptr<message_stream>>> log_in(
    login_request& request, std::vector<transport::endpoint> addresses, key_deriver& keys) {
  const auto until = request.until;
  std::vector<error> failures;
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    const auto now = std::chrono::steady_clock::now();
    request.address = addresses[i];
    request.until = now + fsm::share_of_address(until - now, addresses.size() - i,
                                                request.options.connect_timeout);
    auto session = co_await log_in_at(request, keys);
    if (session) co_return std::move(session);
    failures.push_back(session.error());
    failures.back().server = text_of(request.address);
    if (!fsm::try_next(failures.back())) break;
  }
  co_return fsm::combined(request.server, failures);
}

namespace {

error refusal_of_cancel(const wire::frame& frame) {
  if (frame.type != wire::error_response::type) return fsm::out_of_place(frame.type);
  const auto response = wire::error_response::decode(frame.body);
  if (!response) return fsm::violation(response.error());
  return from_response(*response, phase::startup);
}

}  // namespace

asio::awaitable<result<void>> send_cancel(const login_request& request,
                                          wire::backend_key_data key) {
  const auto context = context_for(request);
  if (!context) co_return context.error();
  auto stream = co_await open(request);
  if (!stream) co_return stream.error();
  const deadline limit{(*stream)->below(), request.until};
  fsm::startup machine{request.options, request.tls, key};
  driver steps{request, context->get(), **stream, machine, nullptr};
  const auto sent = co_await steps.run();
  if (limit.passed()) co_return timed_out();
  if (!sent) co_return sent.error();
  // The server answers nothing and closes; until then the request may not have taken effect.
  const auto answer = co_await (*stream)->receive_frame(wire::stage::authenticating);
  if (limit.passed()) co_return timed_out();
  if (answer) co_return refusal_of_cancel(*answer);
  // Whichever way it went away, it did; but what was cancelled here is still open.
  const bool went_away = answer.error().category == error_category::connection;
  if (!went_away || (*stream)->below().is_open()) co_return answer.error();
  co_return result<void>{};
}

}  // namespace ingestor::pg
