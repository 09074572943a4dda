// Credentials from the agent of ECS or EKS Pod Identity.
#pragma once

#include "aws/error.hpp"
#include "aws/limits.hpp"
#include "aws/proto/credentials_settings.hpp"
#include "aws/proto/expiring_credentials.hpp"

#include <boost/asio/awaitable.hpp>

namespace ingestor::aws {

/// The token's file is read each time: the agent writes it anew. `settings` must outlive the
/// operation.
boost::asio::awaitable<result<expiring_credentials>> fetch_from_container(
    const credentials_settings& settings, limits within);

}  // namespace ingestor::aws
