#include "app/assembly.hpp"
#include "app/commands.hpp"
#include "app/configuration.hpp"
#include "app/event_loop.hpp"
#include "app/exit_code.hpp"
#include "app/presence.hpp"
#include "app/pulse.hpp"
#include "app/startup.hpp"
#include "app/version.hpp"
#include "app/watch.hpp"
#include "http/server.hpp"
#include "telemetry/events/lifecycle.hpp"
#include "telemetry/http_endpoints.hpp"

#include <boost/asio/this_coro.hpp>

#include <csignal>
#include <string>

namespace ingestor::app {
namespace {

namespace asio = boost::asio;

std::string text_of(const config::listen_address& address) {
  const bool ipv6 = address.host.find(':') != std::string::npos;
  return (ipv6 ? "[" + address.host + "]" : address.host) + ":" + std::to_string(address.port);
}

// False when the address cannot be used; the reason has then been told.
bool serve(http::server& server, const config::settings& settings, telemetry::endpoints& pages,
           telemetry::recorder& recorder) {
  if (!settings.http_listen) return true;
  const auto& address = *settings.http_listen;
  const auto port = server.listen(address.host, address.port);
  if (!port) {
    complain("cannot listen on INGESTOR_HTTP_LISTEN " + text_of(address) + ": " +
             port.error().message + "; choose another address there, or `off`");
    return false;
  }
  server.start([&](const http::request& asked) {
    return pages.answer(asked, std::chrono::steady_clock::now());
  });
  auto bound = address;
  bound.port = *port;
  const auto url = "http://" + text_of(bound);
  recorder.record(telemetry::listening{url});
  return true;
}

asio::awaitable<int> run_service(event_loop& loop, assembly& parts,
                                 const config::settings& settings) {
  const auto executor = co_await asio::this_coro::executor;
  const auto start = std::chrono::steady_clock::now();
  parts.recorder.record(telemetry::started{"run", version, settings.replica});
  pulse beating{parts};
  presence self{parts, settings, beating};
  watch seen{parts, settings, beating, self};
  telemetry::endpoints pages{parts.metrics, seen.sources()};
  http::server server{executor, {}};
  if (!serve(server, settings, pages, parts.recorder)) co_return exit_code::usage;
  const auto ready = co_await start_up(parts, settings);
  if (!ready) {
    const auto state = co_await asio::this_coro::cancellation_state;
    if (!interrupted(state)) complain(ready.error().text);
    co_return ready.error().exit_code;
  }
  seen.started();
  self.started();

  loop.on_first_signal([&](int number) {
    const std::chrono::duration<double> grace = settings.shutdown_grace;
    const std::string_view reason = number == SIGTERM ? "SIGTERM" : "SIGINT";
    parts.recorder.record(telemetry::stopping{reason, grace.count()});
    parts.service.stop();
  });
  ingest::task_group watching{executor};
  watching.spawn(beating.beat());
  watching.spawn(self.keep_reporting());
  watching.spawn(seen.keep_reading_ledger());
  watching.spawn(seen.keep_probing(&ingest::service::probe_s3));
  watching.spawn(seen.keep_probing(&ingest::service::probe_database));
  co_await parts.service.run();
  watching.cancel();
  co_await watching.join();
  server.stop();
  co_await self.leave();
  co_await parts.close();

  const std::chrono::duration<double> lasted = std::chrono::steady_clock::now() - start;
  parts.recorder.record(telemetry::stopped{lasted.count(), exit_code::ok});
  co_return exit_code::ok;
}

}  // namespace

int execute(const run_command&) {
  const auto settings = load_settings({});
  if (!settings) return exit_code::usage;
  event_loop loop{on_signal::stops};
  assembly parts{loop.executor(), *settings};
  return loop.run(run_service(loop, parts, *settings));
}

}  // namespace ingestor::app
