// Which permission a refused request lacked, and the policy that grants it.
//
// Source: AWS Service Authorization Reference, "Actions, resources, and condition keys for Amazon
// S3"; IAM User Guide, "Troubleshoot access denied error messages" and "Policy variables"; AWS Key
// Management Service Developer Guide, "Troubleshooting key access".
#pragma once

#include "s3/proto/error.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace ingestor::s3::proto {

struct missing_permission {
  /// As policies write it: `s3:ListBucket`.
  std::string action;
  /// One line: what to do.
  std::string remedy;
  /// A whole policy, as indented JSON without a line end behind it, that grants the action where it
  /// was refused, and nothing else; empty where somebody denies it, so that no grant can help.
  std::string policy;
};

/// Of a ListObjectsV2 or a GetObject that was refused for want of a permission; nothing for any
/// other error, such as a wrong secret. `prefix` (AWS_S3_KEY) keeps the grant to what is read;
/// `region` is where the bucket is. S3's own words decide where they name the action, and whether
/// the identity's policies are to blame; they end up in the policy only where they are an action's
/// or a resource's name.
std::optional<missing_permission> permission_missing(const error& refusal, std::string_view prefix,
                                                     std::string_view region);

}  // namespace ingestor::s3::proto
