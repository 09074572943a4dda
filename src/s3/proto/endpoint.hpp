// Where S3 is: a custom endpoint's URL, and the choice between path style and virtual-host style.
//
// Source: Amazon S3 User Guide, "Virtual hosting of general purpose buckets" and "Bucket naming
// rules"; RFC 3986 for the URL.
#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ingestor::s3::proto {

struct endpoint {
  bool tls = true;
  /// A name in lower case, or an address; an IPv6 address without its brackets.
  std::string host;
  std::uint16_t port = 443;

  friend bool operator==(const endpoint&, const endpoint&) = default;
};

/// Reads `http://127.0.0.1:4566`, `https://minio.example:9000/`, `http://[::1]:9000`. The error
/// says what is wrong with the text and what it should look like; it does not repeat a password.
ingestor::result<endpoint, std::string> parse_endpoint(std::string_view url);

/// What the Host header says: the port is left out where it is the scheme's own.
std::string authority(const endpoint& where);

/// For people: scheme and authority.
std::string url_of(const endpoint& where);

/// How one bucket is addressed.
struct address {
  endpoint where;
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
                                                      const std::optional<endpoint>& custom);

}  // namespace ingestor::s3::proto
