// Where a bucket is: regions and partitions, dual-stack and FIPS endpoints, and the choice between
// path style and virtual-host style.
//
// Source: Amazon S3 User Guide, "Virtual hosting of general purpose buckets", "Bucket naming
// rules", "Using dual-stack endpoints"; AWS SDKs and Tools Reference Guide, "Dual-stack and FIPS
// endpoints"; tests/integration/test_endpoints.py compares the outcome with that of botocore.
#pragma once

#include "aws/proto/endpoint.hpp"
#include "base/result.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace ingestor::s3::proto {

/// What is asked of the address beside the bucket and its region.
struct address_terms {
  /// A server other than AWS. It is what it is: dual_stack and fips do not go with it.
  std::optional<aws::endpoint> custom{};
  bool dual_stack = false;
  bool fips = false;
  /// Whoever asks pays for it, and each request has to say so.
  bool requester_pays = false;
};

/// How one bucket is addressed.
struct address {
  aws::endpoint where{};
  /// "" with virtual-host style, "/bucket" with path style.
  std::string path_prefix{};
  /// What requests are signed for: the region in lower case, as AWS has it; at a custom endpoint as
  /// it was given, for only that server knows.
  std::string region{};
  bool requester_pays = false;
  /// As the ARNs there have it: `aws`, but for an AWS of its own such as `aws-cn`. Static storage.
  std::string_view partition = "aws";
};

/// A custom endpoint always means path style. Without it the bucket is in AWS: virtual-host style,
/// but for names that the certificate of *.s3.REGION.amazonaws.com would not match. Pseudo-regions
/// are taken as the SDKs take them: `fips-us-gov-west-1` is the FIPS endpoint of that region,
/// `aws-global` is us-east-1 at the address without a region. The region may be any text, such as
/// one that a server has sent; the error names the variable that is wrong.
ingestor::result<address, std::string> address_bucket(std::string_view bucket,
                                                      std::string_view region,
                                                      const address_terms& terms);

}  // namespace ingestor::s3::proto
