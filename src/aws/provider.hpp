// Fetches credentials anew each time it is asked; whoever asks keeps them.
#pragma once

#include "aws/error.hpp"
#include "aws/proto/expiring_credentials.hpp"

#include <boost/asio/awaitable.hpp>

#include <string>

namespace ingestor::aws {

struct fetched_credentials {
  expiring_credentials given;
  /// For people, as credentials_source::origin().
  std::string origin;
  /// Another fetch would give the same.
  bool fixed = false;
};

class provider {
 public:
  provider() = default;
  provider(const provider&) = delete;
  provider& operator=(const provider&) = delete;
  virtual ~provider() = default;

  /// Bounded in time. Cancellation ends it at once.
  virtual boost::asio::awaitable<result<fetched_credentials>> fetch() = 0;
};

}  // namespace ingestor::aws
