// Keeps credentials and fetches new ones before they expire: one fetch for all who ask.
#pragma once

#include "aws/credentials_source.hpp"
#include "aws/provider.hpp"
#include "base/time.hpp"

#include <chrono>
#include <functional>
#include <memory>

namespace ingestor::aws {

struct cache_options {
  /// Between the beginnings of two fetches, whether the first of them has failed or S3 has refused
  /// what it gave.
  std::chrono::seconds refresh_retry_min{5};
  std::function<timestamp()> now;  ///< empty: the system's clock
};

/// While a fetch fails, the old credentials are given out until they expire. Fetches run on the
/// executor of whoever asks first, and end when this source does.
std::shared_ptr<credentials_source> cached_credentials(std::shared_ptr<provider> from,
                                                       cache_options options = {});

}  // namespace ingestor::aws
