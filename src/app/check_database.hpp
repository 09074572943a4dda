// The database's part of `check`.
#pragma once

#include "app/check_report.hpp"
#include "config/settings.hpp"

#include <boost/asio/awaitable.hpp>

namespace ingestor::app {

/// Login, schema, extension: a line each. `settings` and `report` must outlive it.
boost::asio::awaitable<void> check_database(const config::settings& settings, check_report& report);

}  // namespace ingestor::app
