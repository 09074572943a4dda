#include "telemetry/log_sink.hpp"

namespace ingestor::telemetry {
namespace {

/// The line's place empty, and what is below: a window that became narrower may have broken it.
/// Some terminals take an erasure that begins in their first column for one of the whole screen, of
/// which they keep a copy; so it begins in the second. Source: ECMA-48, "ED - ERASE IN PAGE".
constexpr std::string_view clear_status = "\r \x1b[J\r";

/// What has no room at the end of the line does not go on in the next one.
/// Source: DEC VT100 User Guide, "DECAWM – Autowrap Mode".
constexpr std::string_view wrap_off = "\x1b[?7l";
constexpr std::string_view wrap_on = "\x1b[?7h";

/// A window may become narrower before anybody learns of it: so the line is not wrapped, and the
/// cursor waits where it begins, from where all of it can be erased, even if the window breaks it.
/// There, what the terminal echoes (`^C`) is erased too.
void append_status(std::string& out, std::string_view status) {
  if (!status.empty()) out.append(wrap_off).append(status).append(wrap_on).append("\r");
}

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
  if (!status_.empty()) out += clear_status;
  out.append(line).append("\n");
  append_status(out, status_);
  if (!writer_.write(out)) ++lost_;
}

void log_sink::replace_status(std::string_view line) {
  std::string out;
  if (!status_.empty()) out += clear_status;
  status_ = line;
  append_status(out, status_);
  // A status line that does not arrive is no loss: the next one says more.
  writer_.write(out);
}

bool log_sink::wait_for_handled(std::uint64_t messages, std::chrono::milliseconds within) {
  std::unique_lock lock{handled_mutex_};
  return handled_grew_.wait_for(lock, within, [&] { return handled_ >= messages; });
}

}  // namespace ingestor::telemetry
