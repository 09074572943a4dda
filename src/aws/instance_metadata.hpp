// Credentials of an EC2 instance's role, from its metadata service.
//
// Source: Amazon EC2 User Guide, "Use the Instance Metadata Service to access instance metadata".
// Version 2 alone: without a token nothing is asked, so that no proxy and no forged request can.
#pragma once

#include "aws/error.hpp"
#include "aws/limits.hpp"
#include "aws/proto/credentials_settings.hpp"
#include "aws/proto/expiring_credentials.hpp"

#include <boost/asio/awaitable.hpp>

namespace ingestor::aws {

/// Credentials that are about to expire, or have, are given ten more minutes: when EC2 cannot renew
/// them S3 goes on taking them. `settings` must outlive the operation.
boost::asio::awaitable<result<expiring_credentials>> fetch_from_metadata(
    const credentials_settings& settings, limits within);

}  // namespace ingestor::aws
