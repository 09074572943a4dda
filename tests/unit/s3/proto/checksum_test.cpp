#include "s3/proto/checksum.hpp"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace ingestor::s3::proto {
namespace {

// The check values of the algorithms' definitions, over "123456789", in base64.
const std::vector<std::pair<std::string_view, std::string_view>> check_values{
    {"x-amz-checksum-crc32", "y/Q5Jg=="},
    {"x-amz-checksum-crc32c", "4waSgw=="},
    {"x-amz-checksum-crc64nvme", "rosUhgp5mIg="},
    {"x-amz-checksum-sha1", "98O8HYCOBHMq32eZZczDTKeuNEE="},
    {"x-amz-checksum-sha256", "FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU="}};

TEST(checksum, is_that_of_all_pieces_together) {
  for (const auto& [header, value] : check_values) {
    for (const std::size_t cut : {0U, 1U, 4U, 9U}) {
      const auto sum = expect_checksum(header, value, "FULL_OBJECT");
      ASSERT_TRUE(sum) << header;
      const std::string_view text = "123456789";
      sum->update(as_bytes(text.substr(0, cut)));
      sum->update(as_bytes(text.substr(cut)));
      EXPECT_EQ(sum->actual(), value) << header;
      EXPECT_EQ(sum->expected(), value);
      EXPECT_EQ(sum->header(), header);
    }
  }
}

TEST(checksum, is_none_where_it_covers_the_parts_of_an_upload) {
  EXPECT_FALSE(expect_checksum("x-amz-checksum-crc32", "y/Q5Jg==", "COMPOSITE"));
  EXPECT_FALSE(expect_checksum("x-amz-checksum-sha256", "FeKw09nsr6g=-3", ""));
  EXPECT_FALSE(expect_checksum("x-amz-checksum-crc32", "", ""));
  EXPECT_FALSE(expect_checksum("x-amz-checksum-type", "FULL_OBJECT", ""));
}

TEST(checksum, is_looked_for_in_every_header_that_it_may_have) {
  for (const auto header : checksum_headers) EXPECT_TRUE(expect_checksum(header, "AAAA", ""));
}

}  // namespace
}  // namespace ingestor::s3::proto
