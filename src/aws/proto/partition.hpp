// AWS's partitions: groups of regions with accounts, names and certificates of their own.
//
// Source: AWS General Reference, "AWS service endpoints"; AWS SDKs and Tools Reference Guide,
// "Dual-stack and FIPS endpoints".
#pragma once

#include <string_view>

namespace ingestor::aws {

struct partition {
  /// As an ARN has it: the `aws-cn` of `arn:aws-cn:s3:::logs`.
  std::string_view id;
  /// Hosts are SERVICE.REGION.dns_suffix.
  std::string_view dns_suffix;
  /// The same with IPv6, for services other than S3 (which keeps its suffix and has
  /// `dualstack` before the region); empty: there is none.
  std::string_view dual_stack_dns_suffix;
};

/// By the region's prefix, in any case; what is in none of the others is in `aws`, so that a region
/// that is new needs no new program.
const partition& partition_of(std::string_view region);

}  // namespace ingestor::aws
