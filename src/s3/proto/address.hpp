// Where a bucket is: the choice between path style and virtual-host style.
//
// Source: Amazon S3 User Guide, "Virtual hosting of general purpose buckets" and "Bucket naming
// rules".
#pragma once

#include "aws/proto/endpoint.hpp"
#include "base/result.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace ingestor::s3::proto {

/// How one bucket is addressed.
struct address {
  aws::endpoint where;
  /// "" with virtual-host style, "/bucket" with path style.
  std::string path_prefix;
  /// What requests are signed for: the region in lower case, as AWS has it; at a custom endpoint as
  /// it was given, for only that server knows.
  std::string region{};
};

/// `custom` always means path style. Without it the bucket is in AWS: virtual-host style, but for
/// names that the certificate of *.s3.REGION.amazonaws.com would not match. The error names the
/// variable that is wrong.
ingestor::result<address, std::string> address_bucket(std::string_view bucket,
                                                      std::string_view region,
                                                      const std::optional<aws::endpoint>& custom);

}  // namespace ingestor::s3::proto
