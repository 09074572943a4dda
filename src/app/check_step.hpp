// One step of `check`, within its time.
#pragma once

#include "app/check_report.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <string_view>

namespace ingestor::app {

/// The longest that a step may take, whatever the server at the other end does.
inline constexpr std::chrono::seconds check_step_max{20};

/// Tells what the step finds, or that it has not ended in time. False: the command was interrupted,
/// and nothing has been told. A step must end at once when it is cancelled.
boost::asio::awaitable<bool> tell_in_time(check_report& report, std::string_view topic,
                                          boost::asio::awaitable<finding> step);

}  // namespace ingestor::app
