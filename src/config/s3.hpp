// The part of the configuration that says where the objects are.
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

/// Reads AWS_S3_BUCKET and AWS_S3_KEY; for `everything` also AWS_REGION, the endpoint and its
/// switches, AWS_CA_BUNDLE and the proxies. Who asks is read by take_credentials().
void take_s3(reader& from, s3_settings& into, s3_need what);

/// AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: AWS_ENDPOINT_URL and its like are not looked at.
bool endpoint_urls_ignored(const reader& from);

/// The endpoint variable that counts: the first in order of precedence that is set, and that
/// AWS_IGNORE_CONFIGURED_ENDPOINT_URLS leaves.
std::optional<std::string_view> effective_endpoint_variable(const reader& from);

}  // namespace ingestor::config
