// Keeps a kind of line that comes in floods from hiding all others: so many a second are shown, the
// rest are counted.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string_view>
#include <vector>

namespace ingestor::telemetry {

class repeat_limit {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  explicit repeat_limit(std::uint64_t lines_per_second) : limit_{lines_per_second} {}

  /// Whether a line of this kind may be shown now. Kinds are constants of the program: they are
  /// kept as views, and are as few as it has messages.
  bool admit(std::string_view kind, time_point now);

  struct hidden {
    std::string_view kind;
    std::uint64_t lines;
    /// From the first of them to the last.
    double seconds;
  };

  /// What was not shown in seconds that are over, each line once.
  std::vector<hidden> take_hidden(time_point now);

 private:
  struct tally {
    time_point begin{};
    std::uint64_t shown = 0;
    std::uint64_t hidden = 0;
    time_point first_hidden{};
    time_point last_hidden{};
  };

  std::uint64_t limit_;
  std::map<std::string_view, tally> windows_;
};

}  // namespace ingestor::telemetry
