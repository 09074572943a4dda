// When credentials end, and when to fetch new ones before that.
#pragma once

#include "base/time.hpp"

#include <chrono>
#include <optional>
#include <string_view>

namespace ingestor::aws {

/// `2024-05-29T00:21:43Z`, or with an offset such as `+00:00` in place of the Z.
std::optional<timestamp> parse_expiration(std::string_view text);

/// Before that much of their life is left, new ones are fetched while the old ones are used.
inline constexpr std::chrono::minutes advisory_window{15};
/// From here on whoever asks waits for them.
inline constexpr std::chrono::minutes mandatory_window{10};

struct refresh_times {
  timestamp advisory;
  timestamp mandatory;
};

/// Credentials of less than an hour have windows of a quarter and a sixth of their life: with whole
/// ones they would be fetched again at once, and at each request.
refresh_times refresh_times_of(timestamp fetched, timestamp expires);

}  // namespace ingestor::aws
