#include "http/server.hpp"

#include "http/awaiting.hpp"
#include "http/listener.hpp"
#include "http/server_session.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

namespace ingestor::http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

/// How long to leave accept() alone after it failed for want of descriptors or memory.
constexpr std::chrono::milliseconds accept_pause{100};

}  // namespace

/// Shared by the server and its coroutines, so that they may end in any order.
struct server::state {
  state(asio::any_io_executor on, server_options with)
      : executor{std::move(on)}, options{with}, pause{executor} {}

  asio::any_io_executor executor;
  server_options options;
  handler answer;
  acceptors listening;
  bool stopped = false;
  asio::steady_timer pause;
  server_session::list sessions;
};

namespace {

using shared_state = std::shared_ptr<server::state>;

void make_room(server::state& in) {
  while (in.sessions.size() >= in.options.connections_max && !in.sessions.empty()) {
    auto& longest_idle = in.sessions.front();
    in.sessions.pop_front();
    longest_idle.close();
  }
}

asio::awaitable<void> serve(shared_state of, tcp::socket socket) {
  if (of->stopped) co_return;
  make_room(*of);
  const auto session = std::make_shared<server_session>(std::move(socket), of->options, of->answer);
  co_await session->run(of->sessions);
}

asio::awaitable<void> accept_all(shared_state of, std::size_t which) {
  auto& acceptor = of->listening[which];
  while (!of->stopped) {
    auto [failed, socket] = co_await acceptor.async_accept(as_values);
    if (of->stopped) co_return;
    if (failed) {
      of->pause.expires_after(accept_pause);
      co_await of->pause.async_wait(as_values);
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
  auto listening = listen_on(state_->executor, host, port);
  if (!listening) return listening.error();
  state_->listening = std::move(*listening);
  return state_->listening.front().local_endpoint().port();
}

void server::start(handler answer) {
  state_->answer = std::move(answer);
  for (std::size_t which = 0; which < state_->listening.size(); ++which) {
    asio::co_spawn(state_->executor, accept_all(state_, which), asio::detached);
  }
}

void server::stop() {
  error_code ignored;
  state_->stopped = true;
  for (auto& acceptor : state_->listening) acceptor.close(ignored);
  state_->pause.cancel();
  for (auto& session : state_->sessions) session.close();
}

std::size_t server::connections() const {
  return state_->sessions.size();
}

}  // namespace ingestor::http
