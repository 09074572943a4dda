// Tells on stderr what a migration that lasts does, or whom it waits for.
#pragma once

#include "config/settings.hpp"
#include "ledger/migration_sight.hpp"
#include "ledger/schema.hpp"
#include "pg/connection.hpp"
#include "telemetry/log.hpp"
#include "telemetry/progress_migration.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <memory>
#include <optional>

namespace ingestor::app {

/// What is passed in outlives it.
class migrate_watch {
 public:
  using clock = std::chrono::steady_clock;

  /// What is over by then is not worth a word, nor a second connection.
  static constexpr std::chrono::seconds silence{1};
  /// Between two looks through the second connection, and between two tries to have one.
  static constexpr std::chrono::seconds look_interval{1};
  static constexpr std::chrono::seconds retry_interval{10};
  /// Of a look, and of a login.
  static constexpr std::chrono::seconds look_timeout{5};

  migrate_watch(const config::settings& settings, telemetry::log& log);

  void begun(const ledger::step_begun& step);

  /// Until cancelled. Without a second connection it tells how long a step lasts, and no more.
  boost::asio::awaitable<void> run();

  /// To be called after run() has ended: the second session says goodbye.
  boost::asio::awaitable<void> close();

 private:
  telemetry::migration_progress seen(clock::time_point now) const;
  boost::asio::awaitable<void> look();

  const config::settings& settings_;
  telemetry::migration_display display_;
  ledger::step_begun step_;
  clock::time_point step_began_ = clock::now();
  std::optional<clock::time_point> wait_began_;
  clock::time_point next_look_;
  ledger::migration_sight sight_;
  std::unique_ptr<pg::connection> db_;
};

}  // namespace ingestor::app
