// Credentials that another program prints.
#pragma once

#include "aws/error.hpp"
#include "aws/limits.hpp"
#include "aws/proto/credential_plan.hpp"
#include "aws/proto/expiring_credentials.hpp"

#include <boost/asio/awaitable.hpp>

namespace ingestor::aws {

boost::asio::awaitable<result<expiring_credentials>> run_credential_process(limits within,
                                                                            process_source source);

}  // namespace ingestor::aws
