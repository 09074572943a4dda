#include "s3/proto/address.hpp"

#include "base/ascii.hpp"

#include <algorithm>
#include <cstddef>

namespace ingestor::s3::proto {
namespace {

constexpr std::size_t bucket_bytes_max = 255;
constexpr std::size_t region_bytes_max = 63;

bool is_lower_alnum(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool is_bucket_name(std::string_view bucket) {
  if (bucket.size() < 3 || bucket.size() > bucket_bytes_max) return false;
  return std::all_of(bucket.begin(), bucket.end(), [](char c) {
    return is_lower_alnum(ascii_lower(c)) || c == '-' || c == '.' || c == '_';
  });
}

bool is_region_name(std::string_view region) {
  if (region.empty() || region.size() > region_bytes_max) return false;
  return std::all_of(region.begin(), region.end(),
                     [](char c) { return is_lower_alnum(ascii_lower(c)) || c == '-' || c == '_'; });
}

/// One label of a host name that *.s3.REGION.amazonaws.com covers.
bool is_dns_label(std::string_view bucket) {
  return bucket.size() <= 63 && is_lower_alnum(bucket.front()) && is_lower_alnum(bucket.back()) &&
         std::all_of(bucket.begin(), bucket.end(),
                     [](char c) { return is_lower_alnum(c) || c == '-'; });
}

}  // namespace

ingestor::result<address, std::string> address_bucket(std::string_view bucket,
                                                      std::string_view region,
                                                      const std::optional<aws::endpoint>& custom) {
  if (!is_bucket_name(bucket)) {
    return "AWS_S3_BUCKET \"" + std::string{bucket} +
           "\" is not a bucket's name: 3 to 63 lower-case letters, digits, dots and hyphens";
  }
  if (!is_region_name(region)) {
    return "AWS_REGION \"" + std::string{region} + "\" is not a region's name such as eu-west-1";
  }
  const auto path_prefix = '/' + std::string{bucket};
  if (custom) return address{*custom, path_prefix, std::string{region}};

  const auto aws_region = ascii_lower(region);
  const bool china = aws_region.starts_with("cn-");
  const auto service = "s3." + aws_region + (china ? ".amazonaws.com.cn" : ".amazonaws.com");
  if (!is_dns_label(bucket))
    return address{aws::endpoint{.host = service}, path_prefix, aws_region};
  return address{aws::endpoint{.host = std::string{bucket} + '.' + service}, "", aws_region};
}

}  // namespace ingestor::s3::proto
