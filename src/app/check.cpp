#include "app/check_database.hpp"
#include "app/check_report.hpp"
#include "app/check_s3.hpp"
#include "app/commands.hpp"
#include "app/configuration.hpp"
#include "app/event_loop.hpp"

#include <boost/asio/this_coro.hpp>

#include <optional>
#include <string>
#include <vector>

namespace ingestor::app {
namespace {

namespace asio = boost::asio;

constexpr const char* misread = "its settings are wrong, see above";

/// The two halves of the configuration, each where it can be used without the other.
struct halves {
  std::optional<config::settings> s3;
  std::optional<config::settings> database;
};

std::optional<config::settings> load_quietly(config::needs what) {
  auto loaded = config::load(config::process_environment(), config::this_host(), what);
  if (!loaded) return std::nullopt;
  return std::move(*loaded);
}

std::string names_of(const std::vector<config::mistake>& mistakes) {
  std::string out;
  for (const auto& wrong : mistakes) {
    out.append(out.empty() ? "" : ", ").append(wrong.variable);
  }
  return out;
}

halves check_configuration(check_report& report) {
  const auto all = config::load(config::process_environment(), config::this_host());
  if (all) {
    report.tell("configuration", {verdict::ok, "complete; `ingestor config` shows it"});
    return {*all, *all};
  }
  for (const auto& wrong : all.error()) complain(config::text_of(wrong));
  report.tell("configuration",
              {verdict::misconfigured, "correct what stderr says of " + names_of(all.error())});
  config::needs only_s3{};
  only_s3.database = false;
  config::needs only_database{};
  only_database.s3 = config::s3_need::nothing;
  return {load_quietly(only_s3), load_quietly(only_database)};
}

void skip(check_report& report, std::initializer_list<const char*> topics) {
  for (const auto* topic : topics) report.tell(topic, {verdict::skipped, misread});
}

asio::awaitable<int> check(const halves& settings, check_report& report) {
  if (settings.s3) {
    co_await check_s3(*settings.s3, report);
  } else {
    skip(report, {"credentials", "identity", "bucket", "object"});
  }
  const auto state = co_await asio::this_coro::cancellation_state;
  if (interrupted(state)) co_return report.exit_code();
  if (settings.database) {
    co_await check_database(*settings.database, report);
  } else {
    skip(report, {"database", "schema", "timescaledb"});
  }
  co_return report.exit_code();
}

}  // namespace

int execute(const check_command&) {
  check_report report;
  const auto settings = check_configuration(report);
  event_loop loop;
  return loop.run(check(settings, report));
}

}  // namespace ingestor::app
