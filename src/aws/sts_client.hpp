// Asks STS, again where that may help.
#pragma once

#include "aws/error.hpp"
#include "aws/limits.hpp"
#include "aws/proto/credentials_settings.hpp"
#include "aws/proto/expiring_credentials.hpp"
#include "aws/proto/sts.hpp"

#include <boost/asio/awaitable.hpp>

#include <optional>
#include <string>

namespace ingestor::aws {

/// POSTs `body`, signed by `signer` where there is one, and gives the body of an answer with 200.
/// `what` begins the error's words: "AssumeRole of arn:…". A request that STS refuses for its time
/// is repeated once by STS's clock. `settings` must outlive the operation.
boost::asio::awaitable<result<std::string>> ask_sts(const credentials_settings& settings,
                                                    limits within, std::string what,
                                                    std::string body,
                                                    std::optional<credentials> signer);

boost::asio::awaitable<result<expiring_credentials>> assume_role(
    const credentials_settings& settings, limits within, role_step role, credentials signer);

/// Reads the token's file, which is written anew while this program runs.
boost::asio::awaitable<result<expiring_credentials>> assume_role_by_web_identity(
    const credentials_settings& settings, limits within, web_identity_source source);

}  // namespace ingestor::aws
