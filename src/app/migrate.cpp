#include "app/commands.hpp"
#include "app/configuration.hpp"
#include "app/event_loop.hpp"
#include "app/exit_code.hpp"
#include "app/preparation.hpp"

#include <boost/asio/this_coro.hpp>

#include <iostream>

namespace ingestor::app {
namespace {

boost::asio::awaitable<int> migrate(const config::settings& settings) {
  const auto applied = co_await prepare_schema(settings, schema_need::migrate);
  if (!applied) {
    const auto state = co_await boost::asio::this_coro::cancellation_state;
    if (!interrupted(state)) complain(applied.error());
    co_return exit_code::unreachable;
  }
  if (applied->empty()) {
    std::cout << "the schema is up to date\n";
  } else {
    std::cout << "the schema is now at version " << applied->back() << '\n';
  }
  co_return exit_code::ok;
}

}  // namespace

int execute(const migrate_command&) {
  config::needs needs{};
  needs.s3 = false;
  const auto settings = load_settings(needs);
  if (!settings) return exit_code::usage;
  event_loop loop;
  return loop.run(migrate(*settings));
}

}  // namespace ingestor::app
