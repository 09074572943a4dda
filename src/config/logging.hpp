// How much is logged, and in which form.
#pragma once

namespace ingestor::config {

enum class log_format {
  readable,
  /// One JSON object a line.
  json,
};

/// From the least to the most that is said.
enum class log_level { error, warn, info, debug, trace };

}  // namespace ingestor::config
