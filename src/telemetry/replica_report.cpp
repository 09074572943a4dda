#include "telemetry/replica_report.hpp"

#include <algorithm>
#include <array>

namespace ingestor::telemetry {
namespace {

// In the order of the enum.
constexpr std::array<std::string_view, 6> stage_names{"idle", "claim", "fetch",
                                                      "load", "write", "commit"};

}  // namespace

std::string_view name_of(fetcher_stage stage) {
  return stage_names.at(static_cast<std::size_t>(stage));
}

fetcher_stage fetcher_stage_of(std::string_view name) {
  const auto* const found = std::find(stage_names.begin(), stage_names.end(), name);
  return found == stage_names.end() ? fetcher_stage::idle
                                    : static_cast<fetcher_stage>(found - stage_names.begin());
}

}  // namespace ingestor::telemetry
