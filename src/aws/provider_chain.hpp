// All the places where credentials may be, in the SDKs' order.
#pragma once

#include "aws/limits.hpp"
#include "aws/proto/credentials_settings.hpp"
#include "aws/provider.hpp"

#include <memory>

namespace ingestor::aws {

/// Reads the profile files at each fetch, so that what is changed in them counts.
std::shared_ptr<provider> provider_chain(credentials_settings settings, limits within = {});

}  // namespace ingestor::aws
