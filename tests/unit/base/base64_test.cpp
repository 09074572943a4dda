#include "base/base64.hpp"

#include <gtest/gtest.h>

#include <utility>

namespace ingestor {
namespace {

TEST(base64, takes_one_text_for_each_sequence_of_bytes) {
  for (const auto& [bytes, text] : {std::pair{"", ""},
                                    {"f", "Zg=="},
                                    {"fo", "Zm8="},
                                    {"foo", "Zm9v"},
                                    {"foobar", "Zm9vYmFy"}}) {
    EXPECT_EQ(base64_encode(as_bytes(bytes)), text);
    const auto back = base64_decode(text);
    ASSERT_TRUE(back) << text;
    EXPECT_EQ(as_text(*back), bytes);
  }
  for (const auto* const text : {"Zg", "Zg=", "Zh==", "Zm9=", "Zg==Zg==", "Z===", "====", "Zm 8",
                                 "Zm8=\n", "Zm-_", "=Zg=", "Zg=a"}) {
    EXPECT_FALSE(base64_decode(text)) << text;
  }
}

}  // namespace
}  // namespace ingestor
