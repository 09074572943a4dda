// What AWS_REGION may say beside a region's name.
//
// Source: AWS SDKs and Tools Reference Guide, "AWS Region" and "Dual-stack and FIPS endpoints".
#pragma once

#include <string>
#include <string_view>

namespace ingestor::aws {

struct region_choice {
  std::string name;     ///< letter case as given
  bool fips = false;    ///< as AWS_USE_FIPS_ENDPOINT
  bool global = false;  ///< `aws-global`: us-east-1, at the address without a region
};

/// Pseudo-regions stand for a region and a switch, as the SDKs take them: `fips-us-gov-west-1` and
/// `us-gov-west-1-fips`, and `aws-global`. Any other text is a name, right or wrong.
region_choice read_region(std::string_view given);

}  // namespace ingestor::aws
