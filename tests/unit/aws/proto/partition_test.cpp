#include "aws/proto/partition.hpp"

#include <gtest/gtest.h>

namespace ingestor::aws {
namespace {

TEST(partition, is_known_by_the_regions_prefix) {
  EXPECT_EQ(partition_of("eu-west-1").id, "aws");
  EXPECT_EQ(partition_of("us-east-1").dns_suffix, "amazonaws.com");
  EXPECT_EQ(partition_of("us-isomething-1").id, "aws");
  EXPECT_EQ(partition_of("cn-north-1").id, "aws-cn");
  EXPECT_EQ(partition_of("CN-NORTHWEST-1").dns_suffix, "amazonaws.com.cn");
  EXPECT_EQ(partition_of("us-gov-west-1").id, "aws-us-gov");
  EXPECT_EQ(partition_of("us-iso-east-1").dns_suffix, "c2s.ic.gov");
  EXPECT_EQ(partition_of("us-isob-east-1").dns_suffix, "sc2s.sgov.gov");
  EXPECT_EQ(partition_of("eu-isoe-west-1").dns_suffix, "cloud.adc-e.uk");
  EXPECT_EQ(partition_of("us-isof-south-1").dns_suffix, "csp.hci.ic.gov");
  EXPECT_EQ(partition_of("eusc-de-east-1").dns_suffix, "amazonaws.eu");
}

TEST(partition, of_a_region_that_nobody_knows_is_the_commercial_one) {
  EXPECT_EQ(partition_of("").id, "aws");
  EXPECT_EQ(partition_of("moon-base-1").id, "aws");
}

}  // namespace
}  // namespace ingestor::aws
