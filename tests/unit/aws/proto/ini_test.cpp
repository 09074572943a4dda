#include "aws/proto/ini.hpp"

#include <gtest/gtest.h>

#include <string>

namespace ingestor::aws {
namespace {

/// `[a] x=1 y=2 | [b] ...`; groups as `name=(group)`; or the error.
std::string shown(std::string_view text, const ini_limits& limits = {}) {
  const auto parsed = parse_ini(text, limits);
  if (!parsed) return parsed.error();
  std::string out;
  for (const auto& section : *parsed) {
    out += out.empty() ? "[" : " | [";
    out += section.name + ']';
    for (const auto& [name, value] : section.entries) {
      out.append(" ").append(name).append("=").append(value.group ? "(group)" : value.text);
    }
  }
  return out;
}

TEST(ini, reads_sections_and_entries) {
  EXPECT_EQ(shown("[a]\nx = 1\nY: two words \n\n[b]\n[ c ]\nz=\n"),
            "[a] x=1 y=two words | [b] | [ c ] z=");
  EXPECT_EQ(shown(""), "");
  EXPECT_EQ(shown("[a]\r\nx=1\r\n"), "[a] x=1");
  EXPECT_EQ(shown("[a]\rx=1"), "[a] x=1");
  EXPECT_EQ(shown("[a] # remark\nx = 1 # none\n# x = 2\n  ; x = 3\n"), "[a] x=1 # none");
  EXPECT_EQ(shown("[a]\nx = y=z:w\n"), "[a] x=y=z:w");
}

TEST(ini, goes_on_in_deeper_lines) {
  EXPECT_EQ(shown("[a]\nx = 1\n  2\n # remark\n\n  3\n\ny = 4\n"), "[a] x=1\n2\n\n3 y=4");
  EXPECT_EQ(shown("[a]\n  x = 1\n  y = 2\n"), "[a] x=1 y=2");
}

TEST(ini, knows_groups) {
  EXPECT_EQ(shown("[a]\ns3 =\n  x = 1\n  y = 2\nz = 3\n"), "[a] s3=(group) z=3");
  EXPECT_EQ(shown("[a]\ns3 =\n  nonsense\nz = 3\n"),
            "line 4 ends a group with a line that is not name = value");
  EXPECT_EQ(shown("[a]\ns3 =\n\n\n"), "[a] s3=");
}

TEST(ini, inherits_from_the_section_DEFAULT) {
  EXPECT_EQ(shown("[a]\nx = 1\n[DEFAULT]\nx = 2\ny = 3\n[b]\n"), "[a] x=1 y=3 | [b] x=2 y=3");
}

TEST(ini, names_the_line_that_is_wrong_and_quotes_nothing) {
  EXPECT_EQ(shown("x = 1\n"), "line 1 stands before the first [section]");
  EXPECT_EQ(shown("[a]\n\nhunter2\n"), "line 3 is neither a [section] nor name = value");
  EXPECT_EQ(shown("[a]\n= hunter2\n"), "line 2 is neither a [section] nor name = value");
  EXPECT_EQ(shown("[]\n"), "line 1 stands before the first [section]");
  EXPECT_EQ(shown("[a]\n[b]\n[a]\n"), "line 3 begins a section that is there already");
  EXPECT_EQ(shown("[a]\nx = 1\nX = 2\n"), "line 3 sets what its section sets already");
  EXPECT_EQ(shown("[a]\nx = \xff\n"), "it is not text in UTF-8");
  EXPECT_EQ(shown(std::string{"[a]\nx = \0\n", 10}), "it is not text in UTF-8");
}

TEST(ini, has_limits) {
  ini_limits limits{};
  limits.bytes_max = 20;
  limits.line_bytes_max = 10;
  limits.entries_max = 3;
  EXPECT_EQ(shown("[a]\nx=1\ny=2\n", limits), "[a] x=1 y=2");
  EXPECT_EQ(shown("[a]\nx=1\ny=2\nz=3\n", limits), "line 4 is one of too many");
  EXPECT_EQ(shown("[a]\n[b]\n[c]\n[d]\n", limits), "line 4 is one of too many");
  EXPECT_EQ(shown("[a]\nx=123456789\n", limits), "line 2 is too long");
  EXPECT_EQ(shown(std::string(21, '#'), limits), "it is longer than 20 bytes");
}

}  // namespace
}  // namespace ingestor::aws
