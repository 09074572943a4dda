#include "http/server.hpp"

#include "http/awaiting.hpp"
#include "http/server_session.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/steady_timer.hpp>

#include <list>
#include <string_view>

namespace ingestor::http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

/// How long to leave accept() alone after it failed for want of descriptors or memory.
constexpr std::chrono::milliseconds accept_pause{100};

constexpr std::string_view overloaded =
    "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain; charset=utf-8\r\n"
    "Content-Length: 21\r\nConnection: close\r\n\r\ntoo many connections\n";

std::string without_brackets(const std::string& host) {
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') {
    return host.substr(1, host.size() - 2);
  }
  return host;
}

error listen_error(const std::string& host, std::uint16_t port, const error_code& why) {
  return {error_kind::configuration,
          "cannot listen on " + host + ':' + std::to_string(port) + ": " + why.message()};
}

}  // namespace

/// Shared by the server and its coroutines, so that they may end in any order.
struct server::state {
  state(asio::any_io_executor on, server_options with)
      : executor{std::move(on)}, options{with}, acceptor{executor}, pause{executor} {}

  asio::any_io_executor executor;
  server_options options;
  handler answer;
  tcp::acceptor acceptor;
  asio::steady_timer pause;
  std::list<server_session*> sessions;
};

namespace {

using shared_state = std::shared_ptr<server::state>;

/// Keeps a session in the server's list for as long as it runs.
class registration {
 public:
  registration(std::list<server_session*>& sessions, server_session& session)
      : sessions_{sessions}, at_{sessions.insert(sessions.end(), &session)} {}
  registration(const registration&) = delete;
  registration& operator=(const registration&) = delete;
  ~registration() { sessions_.erase(at_); }

 private:
  std::list<server_session*>& sessions_;
  std::list<server_session*>::iterator at_;
};

asio::awaitable<void> serve(shared_state of, tcp::socket socket) {
  if (!of->acceptor.is_open()) co_return;
  server_session session{std::move(socket), of->options, of->answer};
  const registration registered{of->sessions, session};
  co_await session.run();
}

/// One attempt, as far as the socket's buffer takes it: nothing waits for a peer too many.
void turn_away(tcp::socket socket) {
  error_code ignored;
  socket.non_blocking(true, ignored);
  socket.write_some(asio::buffer(overloaded), ignored);
  socket.shutdown(tcp::socket::shutdown_send, ignored);
}

asio::awaitable<void> accept_all(shared_state of) {
  while (of->acceptor.is_open()) {
    auto [failed, socket] = co_await of->acceptor.async_accept(as_values);
    if (!of->acceptor.is_open()) co_return;
    if (failed) {
      of->pause.expires_after(accept_pause);
      co_await of->pause.async_wait(as_values);
    } else if (of->sessions.size() >= of->options.connections_max) {
      turn_away(std::move(socket));
    } else {
      asio::co_spawn(of->executor, serve(of, std::move(socket)), asio::detached);
    }
  }
}

}  // namespace

server::server(asio::any_io_executor executor, server_options options)
    : state_{std::make_shared<state>(std::move(executor), options)} {}

server::~server() {
  stop();
}

result<std::uint16_t> server::listen(const std::string& host, std::uint16_t port) {
  error_code failed;
  tcp::resolver resolver{state_->executor};
  const auto found =
      resolver.resolve(without_brackets(host), std::to_string(port),
                       tcp::resolver::passive | tcp::resolver::numeric_service, failed);
  if (failed || found.empty()) return listen_error(host, port, failed);
  const auto endpoint = found.begin()->endpoint();
  auto& acceptor = state_->acceptor;
  acceptor.open(endpoint.protocol(), failed);
  if (!failed) acceptor.set_option(tcp::acceptor::reuse_address{true}, failed);
  if (!failed && endpoint.address().is_v6()) {
    acceptor.set_option(asio::ip::v6_only{false}, failed);
  }
  if (!failed) acceptor.bind(endpoint, failed);
  if (!failed) acceptor.listen(asio::socket_base::max_listen_connections, failed);
  if (failed) {
    error_code ignored;
    acceptor.close(ignored);
    return listen_error(host, port, failed);
  }
  return acceptor.local_endpoint(failed).port();
}

void server::start(handler answer) {
  state_->answer = std::move(answer);
  asio::co_spawn(state_->executor, accept_all(state_), asio::detached);
}

void server::stop() {
  error_code ignored;
  state_->acceptor.close(ignored);
  state_->pause.cancel();
  for (auto* const session : state_->sessions) session->close();
}

std::size_t server::connections() const {
  return state_->sessions.size();
}

}  // namespace ingestor::http
