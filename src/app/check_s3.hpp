// S3's part of `check`.
#pragma once

#include "app/check_report.hpp"
#include "config/settings.hpp"

#include <boost/asio/awaitable.hpp>

namespace ingestor::app {

/// Credentials, identity, bucket, one object: a line each. `settings` and `report` must outlive it.
boost::asio::awaitable<void> check_s3(const config::settings& settings, check_report& report);

}  // namespace ingestor::app
