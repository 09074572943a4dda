#include "telemetry/history.hpp"

namespace ingestor::telemetry {

void history::add(const history_sample& sample) {
  samples_.at((begin_ + size_) % samples_max) = sample;
  if (size_ < samples_max) {
    ++size_;
  } else {
    begin_ = (begin_ + 1) % samples_max;
  }
}

}  // namespace ingestor::telemetry
