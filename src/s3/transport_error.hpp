// From a failed HTTP exchange to an error of S3's client.
#pragma once

#include "http/error.hpp"
#include "s3/types.hpp"

namespace ingestor::s3 {

/// Completes `about`, which says what was asked.
error transport_error(error about, const http::error& why);

}  // namespace ingestor::s3
