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

/// Requests are made while there is a service, which knows whose they are.
s3::client_options observed(s3::client_options options, assembly& parts) {
  options.on_request = [&parts](const s3::request_outcome& outcome) {
    const auto id = parts.service.id_of(outcome.key);
    if (outcome.throttled) {
      parts.recorder.record(telemetry::s3_throttled{outcome.operation, id, outcome.key});
    }
    const std::chrono::duration<double> took = outcome.duration;
    parts.recorder.record(
        telemetry::s3_request{id, outcome.key, outcome.operation, outcome.code, took.count()});
  };
  options.on_resume = [&parts](std::string_view key, std::int64_t from_byte) {
    parts.recorder.record(telemetry::s3_resumed{parts.service.id_of(key), key,
                                                static_cast<std::uint64_t>(from_byte)});
  };
  options.on_correction = [&parts](const std::string& what) {
    parts.recorder.record(telemetry::s3_corrected{what});
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
      s3{executor, observed(s3_options(settings), *this)},
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
