// What `top` shows, read from the ledger again and again, over a connection of its own.
#pragma once

#include "app/preparation.hpp"
#include "config/settings.hpp"
#include "ledger/scope.hpp"
#include "top/seen.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <memory>
#include <optional>

namespace ingestor::app {

/// Whatever is passed in outlives it. One operation at a time.
class top_feed {
 public:
  using clock = std::chrono::steady_clock;

  explicit top_feed(const config::settings& settings);

  /// Reads what is due: the lists each time, the counts (whose cost grows with the ledger) seldom.
  /// Connects first where there is no connection. What was read before stays when it fails; a
  /// failure of which `passing` is false will not end by itself. Reads only, in a transaction that
  /// could not do anything else.
  boost::asio::awaitable<result<void, refusal>> read();

  /// Until read() is to be called again: the interval, or longer in trouble.
  clock::duration until_next(std::chrono::seconds interval) const;

  /// As it is now.
  top::seen seen() const;

  boost::asio::awaitable<void> close();

 private:
  boost::asio::awaitable<result<void, refusal>> connect();
  boost::asio::awaitable<pg::result<void>> read_all(telemetry::ledger_figures& into);
  bool counts_are_due() const;
  void failed(const refusal& why);

  const config::settings& settings_;
  ledger::scope where_;
  std::unique_ptr<pg::connection> db_;
  std::string database_;

  std::optional<telemetry::ledger_figures> figures_;
  clock::time_point listed_at_{};
  clock::time_point counted_at_{};
  clock::duration counting_took_{};

  std::string trouble_;
  clock::time_point trouble_since_{};
  clock::time_point next_try_at_{};
  clock::duration backoff_{};
};

}  // namespace ingestor::app
