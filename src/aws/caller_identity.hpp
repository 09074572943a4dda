// Who a set of credentials is, as STS knows it.
#pragma once

#include "aws/error.hpp"
#include "aws/limits.hpp"
#include "aws/proto/credentials_settings.hpp"
#include "aws/proto/sts.hpp"

#include <boost/asio/awaitable.hpp>

namespace ingestor::aws {

/// Needs no permission, but a way to STS: of `settings` its endpoint, its region and the CA bundle
/// count. They must outlive the operation. Cancellation ends it at once.
boost::asio::awaitable<result<caller_identity>> get_caller_identity(
    const credentials_settings& settings, credentials creds, limits within = {});

}  // namespace ingestor::aws
