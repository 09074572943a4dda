#include "aws/proto/region.hpp"

#include "aws/proto/sts.hpp"

#include <gtest/gtest.h>

namespace ingestor::aws {
namespace {

TEST(read_region, takes_pseudo_regions_apart) {
  for (const auto* given : {"fips-us-gov-west-1", "us-gov-west-1-fips"}) {
    const auto region = read_region(given);
    EXPECT_EQ(region.name, "us-gov-west-1");
    EXPECT_TRUE(region.fips);
    EXPECT_FALSE(region.global);
  }
  const auto global = read_region("aws-global");
  EXPECT_EQ(global.name, "us-east-1");
  EXPECT_TRUE(global.global);
  EXPECT_FALSE(global.fips);
}

TEST(read_region, leaves_any_other_text_as_it_is) {
  for (const auto* given : {"", "eu-west-1", "Garage", "a b"}) {
    EXPECT_EQ(read_region(given).name, given);
    EXPECT_FALSE(read_region(given).fips);
  }
}

TEST(read_region, gives_sts_its_host_too) {
  credentials_settings settings;
  settings.region = "fips-us-west-2";
  EXPECT_EQ(sts_endpoint(settings).host, "sts-fips.us-west-2.amazonaws.com");
  settings.region = "aws-global";
  EXPECT_EQ(sts_endpoint(settings).host, "sts.us-east-1.amazonaws.com");
}

}  // namespace
}  // namespace ingestor::aws
