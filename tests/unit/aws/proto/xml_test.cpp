#include "aws/proto/xml.hpp"

#include <gtest/gtest.h>

namespace ingestor::aws {
namespace {

std::string repeated(std::string_view piece, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += piece;
  return out;
}

TEST(refuse_xml, accepts_what_s3_sends) {
  EXPECT_EQ(refuse_xml("<?xml version=\"1.0\"?>\n<A xmlns='x>y'><B/><C>a &lt; b > c</C></A>", {}),
            "");
}

TEST(refuse_xml, refuses_dtds_and_entity_bombs) {
  EXPECT_NE(refuse_xml("<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>", {}), "");
  EXPECT_NE(refuse_xml("<?xml version='1.0'?><!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>", {}),
            "");
  EXPECT_NE(refuse_xml("<a><!-- x --></a>", {}), "");
  EXPECT_NE(refuse_xml("<a><![CDATA[x]]></a>", {}), "");
}

TEST(refuse_xml, limits_size_depth_and_nodes) {
  const xml_limits limits{.bytes_max = 4096, .depth_max = 4, .nodes_max = 100};
  EXPECT_EQ(refuse_xml("<a><b><c><d/></c></b></a>", limits), "");
  EXPECT_NE(refuse_xml("<a><b><c><d><e/></d></c></b></a>", limits), "");
  EXPECT_NE(refuse_xml(std::string(4097, ' '), limits), "");
  EXPECT_EQ(refuse_xml("<a>" + repeated("<b/>", 99) + "</a>", limits), "");
  EXPECT_NE(refuse_xml("<a>" + repeated("<b/>", 100) + "</a>", limits), "");
}

TEST(refuse_xml, counts_attributes_behind_a_greater_than_sign_in_a_value) {
  const xml_limits limits{.nodes_max = 10};
  EXPECT_NE(refuse_xml("<a x='>' " + repeated("b='' ", 20) + "/>", limits), "");
}

TEST(refuse_xml, closed_elements_do_not_add_to_the_depth) {
  const xml_limits limits{.depth_max = 3};
  EXPECT_EQ(refuse_xml("<a>" + repeated("<b><c/></b><d x='/'></d>", 1000) + "</a>", limits), "");
}

TEST(xml_document, keeps_white_space_and_survives_being_moved) {
  auto parsed = xml_document::parse("<a><b>  </b><c>x\r\ny</c></a>", {});
  ASSERT_TRUE(parsed);
  const auto moved = std::move(*parsed);
  EXPECT_STREQ(moved.root().child_value("b"), "  ");
  EXPECT_STREQ(moved.root().child_value("c"), "x\r\ny");
}

TEST(xml_document, says_where_it_is_malformed) {
  const auto parsed = xml_document::parse("<a><b></a>", {});
  ASSERT_FALSE(parsed);
  EXPECT_NE(parsed.error().find("byte"), std::string::npos) << parsed.error();
  EXPECT_FALSE(xml_document::parse("", {}));
  EXPECT_FALSE(xml_document::parse("not xml", {}));
  EXPECT_FALSE(xml_document::parse("<a", {}));
}

}  // namespace
}  // namespace ingestor::aws
