#include "telemetry/log_sink.hpp"

namespace ingestor::telemetry {
namespace {

/// Back to the first column, and nothing to the right of it.
/// Source: ECMA-48, "EL - ERASE IN LINE".
constexpr std::string_view clear_line = "\r\x1b[K";

std::string_view view_of(spdlog::string_view_t text) {
  return {text.data(), text.size()};
}

}  // namespace

void log_sink::sink_it_(const spdlog::details::log_msg& message) {
  if (view_of(message.logger_name) == status_logger) {
    replace_status(view_of(message.payload));
  } else {
    write_line(view_of(message.payload));
  }
  {
    const std::lock_guard lock{handled_mutex_};
    ++handled_;
  }
  handled_grew_.notify_all();
}

void log_sink::write_line(std::string_view line) {
  std::string out;
  if (!status_.empty()) out += clear_line;
  out.append(line).append("\n").append(status_);
  if (!writer_.write(out)) ++lost_;
}

void log_sink::replace_status(std::string_view line) {
  std::string out;
  if (!status_.empty()) out += clear_line;
  status_ = line;
  // A status line that does not arrive is no loss: the next one says more.
  writer_.write(out.append(status_));
}

bool log_sink::wait_for_handled(std::uint64_t messages, std::chrono::milliseconds within) {
  std::unique_lock lock{handled_mutex_};
  return handled_grew_.wait_for(lock, within, [&] { return handled_ >= messages; });
}

}  // namespace ingestor::telemetry
