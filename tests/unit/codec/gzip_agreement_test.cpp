// The yardstick for gzip is `gzip -t`: where it exits with 0, the object is good. The other way
// round holds too, but for the empty object, and is tested with it.
#include "support.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <random>

namespace ingestor::codec {
namespace {

using namespace std::string_literals;
using test::gz;

class gzip_agreement : public testing::Test {
 protected:
  void SetUp() override {
    if (std::system("gzip --version >/dev/null 2>&1") != 0) GTEST_SKIP() << "no gzip command here";
    path_ =
        testing::TempDir() + "ingestor-gzip-agreement-" + std::to_string(std::random_device{}());
  }

  void TearDown() override { std::remove(path_.c_str()); }

  void expect_agreement(const std::string& object, const std::string& what) {
    std::ofstream{path_, std::ios::binary} << object;
    const bool good = std::system(("gzip -t <" + path_ + " 2>/dev/null").c_str()) == 0;
    const auto outcome = test::read(object);
    EXPECT_EQ(!outcome.failure, good)
        << what << ": " << (outcome.failure ? outcome.failure->message : "good");
  }

  std::string path_;
};

TEST_F(gzip_agreement, on_what_may_follow_a_member) {
  const auto member = gz("a line\n");
  expect_agreement(member, "one member");
  expect_agreement(member + gz("") + member, "an empty member between two");
  expect_agreement(member + "\0"s, "one zero");
  expect_agreement(member + std::string(1000, '\0'), "many zeros");
  expect_agreement(member + "\0"s + member, "a zero between two members");
  expect_agreement(member + "\0\0x"s, "garbage behind zeros");
  expect_agreement(member + "x", "one byte of garbage");
  expect_agreement(member + "\x1f", "half a magic");
  expect_agreement(member + "\x1f\x8b", "a magic");
  expect_agreement(member + member.substr(0, 12), "half a member");
}

TEST_F(gzip_agreement, on_a_member_with_any_byte_changed) {
  const auto text = "{\"level\":30,\"msg\":\"hello\"}\n{\"level\":30,\"msg\":\"hello again\"}\n"s;
  auto head = test::header(0x1e) + test::le(3, 2) + "abc" + "name\0"s + "comment\0"s;
  head += test::le(libdeflate_crc32(0, head.data(), head.size()) & 0xffff, 2);
  const auto object = head + test::deflated(text) + test::trailer(text);
  expect_agreement(object, "untouched");
  for (std::size_t at = 2; at < object.size(); ++at) {
    for (const int flip : {0x01, 0x80}) {
      auto changed = object;
      changed[at] = static_cast<char>(changed[at] ^ flip);
      expect_agreement(changed, "byte " + std::to_string(at) + " xor " + std::to_string(flip));
    }
  }
}

TEST_F(gzip_agreement, on_an_object_cut_anywhere) {
  const auto object = gz("first\n") + gz("second\n");
  for (std::size_t kept = 2; kept <= object.size(); ++kept) {
    expect_agreement(object.substr(0, kept), "cut at " + std::to_string(kept));
  }
}

}  // namespace
}  // namespace ingestor::codec
