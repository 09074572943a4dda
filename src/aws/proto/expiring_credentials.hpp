// Credentials as a place gives them: with the time at which they end.
#pragma once

#include "aws/proto/sigv4.hpp"
#include "base/time.hpp"

#include <optional>

namespace ingestor::aws {

struct expiring_credentials {
  credentials keys;
  /// None: as far as anybody knows they stay valid.
  std::optional<timestamp> expires;
};

}  // namespace ingestor::aws
