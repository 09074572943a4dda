#include "ingest/s3_source.hpp"

#include "client_fixture.hpp"

#include <gmock/gmock.h>

namespace ingestor::s3 {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST_F(s3_client, is_read_again_as_the_version_that_was_read_first) {
  std::vector<std::string> seen;
  scripted_server server{[&](peer& p, int) {
    for (int n = 0; n < 2; ++n) {
      seen.push_back(p.read_request());
      p.answer("body", "ETag: \"e\"\r\n");
    }
  }};
  client s3{loop_.get_executor(), options(server)};
  ingest::s3_source source{s3, "k", ""};
  for (int n = 0; n < 2; ++n) {
    ASSERT_TRUE(await_on(loop_, source.open()));
    ASSERT_TRUE(await_on(loop_, source.read()));
  }
  ASSERT_EQ(seen.size(), 2U);
  EXPECT_THAT(seen[0], Not(HasSubstr("if-match")));
  EXPECT_THAT(seen[1], HasSubstr("\r\nif-match: \"e\"\r\n"));
}

}  // namespace
}  // namespace ingestor::s3
