// Credentials that are valid now, wherever they come from.
#pragma once

#include "aws/error.hpp"
#include "aws/proto/sigv4.hpp"

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <string>

namespace ingestor::aws {

class credentials_source {
 public:
  credentials_source() = default;
  credentials_source(const credentials_source&) = delete;
  credentials_source& operator=(const credentials_source&) = delete;
  virtual ~credentials_source() = default;

  /// What to sign with now. Whoever asks while they are being fetched waits for the same answer.
  /// Cancellation ends the wait of this caller alone, with error_kind::cancelled.
  virtual boost::asio::awaitable<result<credentials>> get() = 0;

  /// A service has refused these as expired or invalid: the next get() fetches new ones, unless it
  /// has others by now. False: there will be no others.
  virtual bool refused(const credentials& used) = 0;

  /// For people: where they come from, such as "AWS_ACCESS_KEY_ID" or "profile \"logs\" in
  /// ~/.aws/credentials". Empty as long as nobody has asked.
  virtual std::string origin() const = 0;
};

/// Always the same.
std::shared_ptr<credentials_source> fixed_credentials(credentials creds, std::string origin);

}  // namespace ingestor::aws
