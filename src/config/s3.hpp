// The part of the configuration that says where the objects are and who asks for them.
#pragma once

#include "config/reader.hpp"
#include "config/settings.hpp"

namespace ingestor::config {

/// Reads AWS_S3_BUCKET, AWS_REGION, AWS_S3_KEY, the endpoint, the keys and AWS_CA_BUNDLE.
void take_s3(reader& from, s3_settings& into);

/// The endpoint variable that counts: the first in order of precedence that is set.
std::optional<std::string_view> effective_endpoint_variable(const reader& from);

}  // namespace ingestor::config
