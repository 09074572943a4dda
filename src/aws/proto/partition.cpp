#include "aws/proto/partition.hpp"

#include "base/ascii.hpp"

#include <algorithm>
#include <array>

namespace ingestor::aws {
namespace {

struct known_partition {
  std::string_view region_prefix;
  partition it;
};

constexpr auto known = std::to_array<known_partition>({
    {"cn-", {"aws-cn", "amazonaws.com.cn", "api.amazonwebservices.com.cn"}},
    {"us-gov-", {"aws-us-gov", "amazonaws.com", "api.aws"}},
    {"us-iso-", {"aws-iso", "c2s.ic.gov", ""}},
    {"us-isob-", {"aws-iso-b", "sc2s.sgov.gov", ""}},
    {"eu-isoe-", {"aws-iso-e", "cloud.adc-e.uk", ""}},
    {"us-isof-", {"aws-iso-f", "csp.hci.ic.gov", ""}},
    {"eusc-", {"aws-eusc", "amazonaws.eu", ""}},
});

constexpr partition commercial{"aws", "amazonaws.com", "api.aws"};

}  // namespace

const partition& partition_of(std::string_view region) {
  const auto lower = ascii_lower(region);
  const auto* const found = std::find_if(
      known.begin(), known.end(),
      [&](const known_partition& one) { return lower.starts_with(one.region_prefix); });
  return found == known.end() ? commercial : found->it;
}

}  // namespace ingestor::aws
