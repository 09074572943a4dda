#include "telemetry/repeat_limit.hpp"

#include <utility>

namespace ingestor::telemetry {
namespace {

constexpr std::chrono::seconds window_length{1};

}  // namespace

bool repeat_limit::admit(std::string_view kind, time_point now) {
  auto& window = windows_.try_emplace(kind, now, 0, 0).first->second;
  if (now - window.begin >= window_length) {
    window.begin = now;
    window.shown = 0;
  }
  const bool room = window.shown < limit_;
  ++(room ? window.shown : window.hidden);
  return room;
}

std::vector<repeat_limit::hidden> repeat_limit::take_hidden(time_point now) {
  std::vector<hidden> out;
  for (auto& [kind, window] : windows_) {
    if (window.hidden == 0 || now - window.begin < window_length) continue;
    out.push_back({kind, std::exchange(window.hidden, 0)});
  }
  return out;
}

}  // namespace ingestor::telemetry
