#include "telemetry/summary.hpp"

#include <gtest/gtest.h>

namespace ingestor::telemetry {
namespace {

const summary usual{.files_completed = 1250,
                    .files_failed = 2,
                    .files_waiting = 3,
                    .files_given_up = 5,
                    .files_overwritten = 6,
                    .files_held_elsewhere = 4,
                    .rows = 200'000,
                    .lines_rejected = 1,
                    .bytes_compressed = 12U << 20U,
                    .bytes_inflated = 160U << 20U,
                    .seconds = 4};

TEST(summary, reads_well) {
  EXPECT_EQ(
      summary_text(usual),
      "files     1,250 completed, 2 failed, 3 waiting for a later attempt, 5 staying failed until "
      "`ingestor retry`, 4 held by other replicas, 6 changed since they were completed\n"
      "rows      200,000\n"
      "rejected  1 line\n"
      "read      12.0 MiB compressed, 160.0 MiB inflated\n"
      "time      4.00 s, 50,000 rows/s\n");
}

TEST(summary, says_little_where_little_was_done) {
  EXPECT_EQ(summary_text({}),
            "files     0 completed, 0 failed\n"
            "rows      0\n"
            "rejected  0 lines\n"
            "read      0.0 MiB compressed, 0.0 MiB inflated\n"
            "time      0.00 s, 0 rows/s\n");
}

TEST(summary, has_the_documented_json_shape) {
  EXPECT_EQ(summary_json(usual),
            R"({"files":{"completed":1250,"failed":2},"rows":200000,"lines_rejected":1,)"
            R"("bytes_compressed":12582912,"bytes_inflated":167772160,"seconds":4.000})"
            "\n");
}

}  // namespace
}  // namespace ingestor::telemetry
