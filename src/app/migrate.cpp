#include "app/commands.hpp"
#include "app/configuration.hpp"
#include "app/event_loop.hpp"
#include "app/exit_code.hpp"
#include "app/preparation.hpp"
#include "telemetry/log.hpp"

#include <boost/asio/this_coro.hpp>

#include <chrono>
#include <string>

namespace ingestor::app {
namespace {

/// For the log to be on the terminal before what the command says.
constexpr std::chrono::seconds log_written_max{1};

boost::asio::awaitable<int> migrate(const config::settings& settings, telemetry::log& log) {
  const auto applied = co_await prepare_schema(settings, schema_need::migrate, log);
  (void)log.flush(log_written_max);
  if (!applied) {
    const auto state = co_await boost::asio::this_coro::cancellation_state;
    if (!interrupted(state)) complain(applied.error().text);
    co_return applied.error().exit_code;
  }
  const bool told = print(applied->empty() ? "the schema is up to date\n"
                                           : "the schema is now at version " +
                                                 std::to_string(applied->back()) + "\n");
  co_return told ? exit_code::ok : exit_code::failed;
}

}  // namespace

int execute(const migrate_command&) {
  config::needs needs{};
  needs.s3 = config::s3_need::nothing;
  const auto settings = load_settings(needs);
  if (!settings) return exit_code::usage;
  telemetry::log log{log_options_of(*settings)};
  event_loop loop;
  return loop.run(migrate(*settings, log));
}

}  // namespace ingestor::app
