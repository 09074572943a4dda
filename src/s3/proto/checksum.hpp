// The checksum that S3 has stored with an object, held against the bytes that arrive.
//
// Source: Amazon S3 User Guide, "Checking object integrity for data uploads"; Amazon S3 API
// Reference, "GetObject" (x-amz-checksum-mode, x-amz-checksum-type).
#pragma once

#include "base/bytes.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace ingestor::s3::proto {

/// The first of these headers that an answer has is the one that is checked: the quick ones first.
inline constexpr std::string_view checksum_headers[] = {
    "x-amz-checksum-crc32c", "x-amz-checksum-crc32", "x-amz-checksum-crc64nvme",
    "x-amz-checksum-sha256", "x-amz-checksum-sha1"};

class checksum {
 public:
  checksum(std::string_view header, std::string_view expected)
      : header_{header}, expected_{expected} {}
  virtual ~checksum() = default;
  checksum(const checksum&) = delete;
  checksum& operator=(const checksum&) = delete;

  virtual void update(const_bytes piece) = 0;

  /// The name of its header, as in checksum_headers.
  std::string_view header() const { return header_; }
  /// What the header said, in base64.
  const std::string& expected() const { return expected_; }
  /// Of all bytes so far, in base64. To be asked once, at the end.
  virtual std::string actual() = 0;

 private:
  std::string_view header_;
  std::string expected_;
};

/// Null when the value covers the parts of a multipart upload instead of the whole body (it ends in
/// `-N`, or `type` is COMPOSITE), or when `header` is not one of checksum_headers.
std::unique_ptr<checksum> expect_checksum(std::string_view header, std::string_view value,
                                          std::string_view type);

}  // namespace ingestor::s3::proto
