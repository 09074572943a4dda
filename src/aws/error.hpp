// Why there are no credentials.
#pragma once

#include "base/result.hpp"

#include <string>

namespace ingestor::aws {

enum class error_kind {
  /// No place that was asked has any.
  none_found,
  /// A place that should have them could not be reached, or did not answer in time.
  unreachable,
  /// It answered, and gave none: who asks may not have them, or the answer makes no sense.
  refused,
  /// The settings cannot work: a profile that is not there, a role without a source.
  configuration,
  /// The caller gave up.
  cancelled,
};

struct error {
  error_kind kind{};
  /// For people: where it was looked and what each place said. Holds no secret.
  std::string message;
};

template <class T>
using result = ingestor::result<T, error>;

}  // namespace ingestor::aws
