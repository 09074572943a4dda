#include "app/commands.hpp"
#include "app/configuration.hpp"
#include "app/event_loop.hpp"
#include "app/exit_code.hpp"
#include "app/ledger_view.hpp"
#include "app/preparation.hpp"
#include "telemetry/status_report.hpp"

#include <boost/asio/this_coro.hpp>

namespace ingestor::app {
namespace {

namespace asio = boost::asio;

asio::awaitable<result<telemetry::ledger_figures, refusal>> look(const config::settings& settings,
                                                                 const ledger::scope& where) {
  auto db = co_await open_ledger(settings);
  if (!db) co_return db.error();
  auto seen = co_await read_ledger_view(**db, where);
  co_await (*db)->close();
  if (!seen) co_return refused("cannot read the ledger", seen.error());
  co_return std::move(*seen);
}

asio::awaitable<int> look_and_tell(const config::settings& settings,
                                   const status_command& options) {
  const ledger::scope where{settings.s3.bucket, settings.s3.prefix};
  const auto seen = co_await look(settings, where);
  if (!seen) {
    const auto state = co_await asio::this_coro::cancellation_state;
    if (!interrupted(state)) complain(seen.error().text);
    co_return seen.error().exit_code;
  }
  const bool told = print(options.json ? telemetry::status_json(*seen)
                                       : telemetry::status_text(*seen, printable(where)));
  co_return told ? exit_code::ok : exit_code::failed;
}

}  // namespace

int execute(const status_command& options) {
  config::needs needs{};
  needs.s3 = config::s3_need::scope;
  const auto settings = load_settings(needs);
  if (!settings) return exit_code::usage;
  event_loop loop;
  return loop.run(look_and_tell(*settings, options));
}

}  // namespace ingestor::app
