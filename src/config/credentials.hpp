// The part of the configuration that says who asks: keys, or where to find some.
#pragma once

#include "aws/proto/credentials_settings.hpp"
#include "config/environment.hpp"
#include "config/reader.hpp"

namespace ingestor::config {

/// Reads all variables about credentials but the region and AWS_CA_BUNDLE. That none of them is set
/// is no mistake: the machine may have a role.
void take_credentials(reader& from, const host_facts& host, aws::credentials_settings& into);

}  // namespace ingestor::config
