#include "telemetry/repeat_limit.hpp"

#include <utility>

namespace ingestor::telemetry {
namespace {

constexpr std::chrono::seconds window_length{1};

}  // namespace

bool repeat_limit::admit(std::string_view kind, time_point now) {
  auto& window = windows_.try_emplace(kind, tally{.begin = now}).first->second;
  if (now - window.begin >= window_length) {
    window.begin = now;
    window.shown = 0;
  }
  const bool room = window.shown < limit_;
  if (room) {
    ++window.shown;
  } else {
    if (window.hidden++ == 0) window.first_hidden = now;
    window.last_hidden = now;
  }
  return room;
}

std::vector<repeat_limit::hidden> repeat_limit::take_hidden(time_point now) {
  std::vector<hidden> out;
  for (auto& [kind, window] : windows_) {
    if (window.hidden == 0 || now - window.begin < window_length) continue;
    const std::chrono::duration<double> lasted = window.last_hidden - window.first_hidden;
    out.push_back({kind, std::exchange(window.hidden, 0), lasted.count()});
  }
  return out;
}

}  // namespace ingestor::telemetry
