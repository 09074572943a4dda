// The part of the configuration that says where the objects are and who asks for them.
#pragma once

#include "config/reader.hpp"
#include "config/settings.hpp"

namespace ingestor::config {

/// How much a command has to do with S3.
enum class s3_need {
  nothing,
  /// Only which bucket and prefix: they name the part of the ledger that it is about.
  scope,
  everything
};

/// Reads AWS_S3_BUCKET and AWS_S3_KEY; for `everything` also AWS_REGION, the endpoint, the keys and
/// AWS_CA_BUNDLE and the proxies.
void take_s3(reader& from, s3_settings& into, s3_need what);

/// The endpoint variable that counts: the first in order of precedence that is set.
std::optional<std::string_view> effective_endpoint_variable(const reader& from);

}  // namespace ingestor::config
