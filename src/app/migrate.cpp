#include "app/commands.hpp"
#include "app/configuration.hpp"
#include "app/event_loop.hpp"
#include "app/exit_code.hpp"
#include "app/preparation.hpp"

#include <boost/asio/this_coro.hpp>

#include <string>

namespace ingestor::app {
namespace {

boost::asio::awaitable<int> migrate(const config::settings& settings) {
  const auto applied = co_await prepare_schema(settings, schema_need::migrate);
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
  event_loop loop;
  return loop.run(migrate(*settings));
}

}  // namespace ingestor::app
