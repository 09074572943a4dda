#include "app/startup.hpp"

#include "app/configuration.hpp"
#include "app/event_loop.hpp"
#include "app/preparation.hpp"
#include "ledger/schema.hpp"
#include "telemetry/events/lifecycle.hpp"

#include <boost/asio/this_coro.hpp>

namespace ingestor::app {
namespace {

namespace asio = boost::asio;

asio::awaitable<bool> schema_ready(assembly& parts, const config::settings& settings) {
  const auto start = std::chrono::steady_clock::now();
  const auto need = settings.migrate ? schema_need::migrate : schema_need::verify;
  const auto applied = co_await prepare_schema(settings, need);
  if (!applied) {
    const auto state = co_await asio::this_coro::cancellation_state;
    if (!interrupted(state)) complain(applied.error());
    co_return false;
  }
  if (!applied->empty()) {
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    telemetry::schema_migrated event{};
    event.applied = applied->size();
    event.version = applied->back();
    event.seconds = took.count();
    parts.recorder.record(event);
  }
  co_return true;
}

}  // namespace

asio::awaitable<bool> start_up(assembly& parts, const config::settings& settings) {
  const bool ready = co_await schema_ready(parts, settings);
  if (!ready) co_return false;
  const auto reachable = co_await check_bucket(parts.s3);
  const auto state = co_await asio::this_coro::cancellation_state;
  if (!reachable && !interrupted(state)) complain(reachable.error());
  co_return reachable.has_value();
}

}  // namespace ingestor::app
