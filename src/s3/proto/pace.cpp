#include "s3/proto/pace.hpp"

#include <algorithm>

namespace ingestor::s3::proto {

pace::time_point pace::next() const {
  const auto spaced = spacing_.count() == 0 ? time_point::min() : last_ + spacing_;
  return std::max(spaced, held_until_);
}

void pace::throttled(time_point asked, time_point now,
                     std::optional<std::chrono::seconds> retry_after) {
  if (retry_after) held_until_ = std::max(held_until_, now + std::min(*retry_after, hold_max));
  if (asked <= slowed_) return;
  slowed_ = now;
  spacing_ = std::clamp(spacing_ * 2, spacing_min, spacing_max);
}

void pace::succeeded() {
  spacing_ /= 2;
  if (spacing_ < spacing_min) spacing_ = std::chrono::milliseconds{0};
}

}  // namespace ingestor::s3::proto
