#include "s3/proto/address.hpp"

#include "aws/proto/partition.hpp"
#include "aws/proto/region.hpp"
#include "base/ascii.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace ingestor::s3::proto {
namespace {

constexpr std::size_t bucket_bytes_max = 255;
constexpr std::size_t label_bytes_max = 63;  // RFC 1035, section 2.3.4

constexpr std::string_view directory_bucket_suffix = "--x-s3";

constexpr std::array<std::string_view, 3> without_dual_stack{"aws-iso-e", "aws-iso-f", "aws-eusc"};
constexpr std::string_view without_fips = "aws-cn";

bool is_lower_alnum(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool is_alnum(char c) {
  return is_lower_alnum(ascii_lower(c));
}

bool is_bucket_name(std::string_view bucket) {
  if (bucket.size() < 3 || bucket.size() > bucket_bytes_max) return false;
  return std::all_of(bucket.begin(), bucket.end(),
                     [](char c) { return is_alnum(c) || c == '-' || c == '.' || c == '_'; });
}

/// For a server of its own, which may call its region what it likes, within a signature's scope.
bool is_name(std::string_view region) {
  if (region.empty() || region.size() > label_bytes_max) return false;
  return std::all_of(region.begin(), region.end(),
                     [](char c) { return is_alnum(c) || c == '-' || c == '_'; });
}

/// One label of a host's name.
bool is_dns_label(std::string_view text) {
  if (text.empty() || text.size() > label_bytes_max) return false;
  return is_lower_alnum(text.front()) && is_lower_alnum(text.back()) &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return is_lower_alnum(c) || c == '-'; });
}

bool is_number(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::string quoted(std::string_view variable, std::string_view value) {
  return std::string{variable}.append(" \"").append(value).append("\" ");
}

std::string refuse_switches(const aws::partition& in, std::string_view region, bool dual_stack,
                            bool fips) {
  const bool has_dual_stack =
      std::ranges::find(without_dual_stack, in.id) == without_dual_stack.end();
  if (dual_stack && !has_dual_stack) {
    return "AWS_USE_DUALSTACK_ENDPOINT: S3 has no dual-stack endpoints in " + std::string{region};
  }
  if (fips && in.id == without_fips) {
    return "AWS_USE_FIPS_ENDPOINT: S3 has no FIPS endpoints in " + std::string{region};
  }
  return {};
}

/// The host that serves the region's buckets: s3.REGION.SUFFIX and its variants.
std::string service_host(const aws::partition& in, const aws::region_choice& region,
                         bool dual_stack, bool fips) {
  std::string out = fips ? "s3-fips." : "s3.";
  if (dual_stack) out += "dualstack.";
  if (dual_stack || fips || !region.global) out.append(region.name).append(".");
  return out.append(in.dns_suffix);
}

/// A custom endpoint that is AWS all the same, such as a VPC endpoint.
bool is_within(const aws::endpoint& where, const aws::partition& in) {
  return where.host.ends_with('.' + std::string{in.dns_suffix});
}

address address_custom(std::string_view bucket, std::string region, const address_terms& terms) {
  address out{*terms.custom, '/' + std::string{bucket}, std::move(region), terms.requester_pays};
  const auto& partition = aws::partition_of(out.region);
  if (is_within(out.where, partition)) out.partition = partition.id;
  return out;
}

ingestor::result<address, std::string> address_aws(std::string_view bucket,
                                                   aws::region_choice region,
                                                   const address_terms& terms) {
  region.name = ascii_lower(region.name);
  const auto& partition = aws::partition_of(region.name);
  const bool fips = terms.fips || region.fips;
  if (auto why = refuse_switches(partition, region.name, terms.dual_stack, fips); !why.empty()) {
    return why;
  }
  const auto service = service_host(partition, region, terms.dual_stack, fips);
  address out{aws::endpoint{.host = service}, '/' + std::string{bucket}, region.name,
              terms.requester_pays, partition.id};
  if (is_dns_label(bucket)) {
    out.where.host = std::string{bucket} + '.' + service;
    out.path_prefix.clear();
  }
  return out;
}

}  // namespace

ingestor::result<address, std::string> address_bucket(std::string_view bucket,
                                                      std::string_view region,
                                                      const address_terms& terms) {
  if (!is_bucket_name(bucket)) {
    return quoted("AWS_S3_BUCKET", bucket) +
           "is not a bucket's name: 3 to 63 lower-case letters, digits, dots and hyphens";
  }
  auto chosen = aws::read_region(region);
  const auto lower = ascii_lower(chosen.name);
  const bool usable =
      terms.custom ? is_name(chosen.name) : is_dns_label(lower) && !is_number(lower);
  if (!usable) return quoted("AWS_REGION", region) + "is not a region's name such as eu-west-1";
  if (terms.custom) return address_custom(bucket, std::move(chosen.name), terms);
  if (bucket.ends_with(directory_bucket_suffix)) {
    return quoted("AWS_S3_BUCKET", bucket) +
           "is a directory bucket of S3 Express One Zone, which cannot be read: use a general "
           "purpose bucket";
  }
  return address_aws(bucket, std::move(chosen), terms);
}

}  // namespace ingestor::s3::proto
