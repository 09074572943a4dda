#include "app/startup.hpp"

#include "ledger/schema.hpp"
#include "telemetry/events/lifecycle.hpp"

namespace ingestor::app {
namespace {

namespace asio = boost::asio;

asio::awaitable<result<void, refusal>> schema_ready(assembly& parts,
                                                    const config::settings& settings) {
  const auto start = std::chrono::steady_clock::now();
  const auto need = settings.migrate ? schema_need::migrate : schema_need::verify;
  const auto applied = co_await prepare_schema(settings, need, parts.log);
  if (!applied) co_return applied.error();
  if (!applied->empty()) {
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    telemetry::schema_migrated event{};
    event.applied = applied->size();
    event.version = applied->back();
    event.seconds = took.count();
    parts.recorder.record(event);
  }
  co_return result<void, refusal>{};
}

}  // namespace

asio::awaitable<result<void, refusal>> start_up(assembly& parts, const config::settings& settings) {
  const auto ready = co_await schema_ready(parts, settings);
  if (!ready) co_return ready.error();
  co_return co_await check_bucket(parts.s3, settings.s3.prefix);
}

}  // namespace ingestor::app
