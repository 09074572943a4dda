#include "app/assembly.hpp"

#include "app/configuration.hpp"
#include "app/preparation.hpp"
#include "app/version.hpp"
#include "normalise/column.hpp"
#include "telemetry/events/dependencies.hpp"

#include <utility>

namespace ingestor::app {
namespace {

namespace asio = boost::asio;

/// Discovery, giving back and the figures must never wait for one another for long.
constexpr std::size_t control_connections = 2;

s3::client_options observed(s3::client_options options, telemetry::recorder& recorder) {
  options.on_request = [&recorder](const s3::request_outcome& outcome) {
    if (outcome.throttled) recorder.record(telemetry::s3_throttled{outcome.operation});
    recorder.record(telemetry::s3_request{outcome.operation, outcome.code,
                                          std::chrono::duration<double>{outcome.duration}.count()});
  };
  options.on_resume = [&recorder] { recorder.record(telemetry::s3_resumed{}); };
  options.on_correction = [&recorder](const std::string& what) {
    recorder.record(telemetry::s3_corrected{what});
  };
  return options;
}

pg::pool_options pool_of(const config::settings& settings, std::size_t size) {
  pg::pool_options options{};
  options.connection = settings.database;
  options.size = size;
  return options;
}

/// The columns that a value may not fit: the others are of no value of the line.
void begin_at_zero(telemetry::metrics& numbers) {
  for (const auto column : normalise::log_columns) {
    const bool filled_by_us = column == normalise::name(normalise::column::id) ||
                              column == normalise::name(normalise::column::raw_data);
    if (!filled_by_us) numbers.field_mismatches.with({column});
  }
}

}  // namespace

assembly::assembly(const asio::any_io_executor& executor, const config::settings& settings)
    : log{log_options_of(settings)},
      metrics{version},
      recorder{log, metrics},
      s3{executor, observed(s3_options(settings), recorder)},
      rows{executor, pool_of(settings, settings.db_pool_size), keys},
      control{executor, pool_of(settings, control_connections), keys},
      heartbeats{executor, pool_of(settings, 1), keys},
      service{executor, ingest::resources{settings, s3, rows, control, heartbeats, recorder}} {
  begin_at_zero(metrics);
}

asio::awaitable<void> assembly::close() {
  co_await rows.close();
  co_await control.close();
  co_await heartbeats.close();
}

}  // namespace ingestor::app
