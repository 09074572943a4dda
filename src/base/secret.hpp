// A value that must not be seen: a password, a secret key, a session token.
#pragma once

#include <string>
#include <utility>

namespace ingestor {

/// Holds a secret so that it cannot reach a log, an error or a metric by accident: it does not
/// convert to a string, has no stream operator and no formatter. reveal() is the one way out, and
/// belongs next to the code that signs or authenticates.
class secret {
 public:
  secret() = default;
  explicit secret(std::string value) : value_{std::move(value)} {}

  const std::string& reveal() const { return value_; }
  bool empty() const { return value_.empty(); }

  friend bool operator==(const secret&, const secret&) = default;

 private:
  std::string value_;
};

}  // namespace ingestor
