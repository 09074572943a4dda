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

TEST(refuse_xml, refuses_what_is_not_utf_8_without_nuls) {
  EXPECT_EQ(refuse_xml("\xef\xbb\xbf<?xml version='1.0'?><a>\xc3\xa9</a>", {}), "");
  EXPECT_NE(refuse_xml("<a>\xe9</a>", {}), "") << "Latin-1";
  EXPECT_NE(refuse_xml("<a>\xed\xa0\x80</a>", {}), "") << "a surrogate";
  EXPECT_NE(refuse_xml({"<a>b\0c</a>", 11}, {}), "");
  for (const bool big_endian : {false, true}) {
    std::string utf_16 = big_endian ? "\xfe\xff" : "\xff\xfe";
    for (const char c : std::string_view{"<a>b</a>"}) {
      utf_16 += big_endian ? std::string{'\0', c} : std::string{c, '\0'};
    }
    EXPECT_NE(refuse_xml(utf_16, {}), "");
    EXPECT_NE(refuse_xml(utf_16.substr(2), {}), "") << "without a mark";
  }
}

TEST(refuse_xml, knows_the_five_entities_and_characters_by_number) {
  EXPECT_EQ(refuse_xml("<a b='&amp;'>&lt;&gt;&quot;&apos;&#1;&#x1F600;&#65;</a>", {}), "");
  for (const auto* text :
       {"&", "&;", "&b;", "&amp", "&AMP;", "&#;", "&#x;", "&#0;", "&#x0;", "&#xD800;", "&#xdfff;",
        "&#x110000;", "&#99999999999;", "&#-1;", "&#x-1;", "&#1a;", "& amp;", "&%;"}) {
    EXPECT_NE(refuse_xml("<a>" + std::string{text} + "</a>", {}), "") << text;
    EXPECT_NE(refuse_xml("<a b='" + std::string{text} + "'/>", {}), "") << text;
  }
  EXPECT_NE(refuse_xml("<a>" + repeated("&lol;", 100'000) + "</a>", {}), "");
}

TEST(refuse_xml, wants_one_root_and_nothing_beside_it) {
  EXPECT_EQ(refuse_xml("\n <?xml version='1.0'?>\n<a/>\n", {}), "");
  for (const auto* text : {"<a/><b/>", "<a></a><a></a>", "x<a/>", "<a/>x", "<a><?php x?></a>",
                           "<a/><?x?>", "<a>b<?x?>c</a>", "<a/>&amp;"}) {
    EXPECT_NE(refuse_xml(text, {}), "") << text;
  }
}

TEST(refuse_xml, bounds_what_is_never_closed) {
  const std::string much(std::size_t{7} * 1024 * 1024, 'x');
  for (const auto* open : {"<![CDATA[", "<!--", "<!DOCTYPE "}) {
    EXPECT_NE(refuse_xml("<a>" + (open + much), {}), "") << open;
  }
  for (const auto* open : {"<?", "<", "</", "<a b='", "<a>", "<a b='x' "}) {
    EXPECT_FALSE(xml_document::parse(open + much, {})) << open;
  }
}

TEST(text_of, is_that_of_the_one_child_of_the_name) {
  const auto parsed = xml_document::parse(
      "<a><b>x &amp; y</b><c>1</c><c>2</c><d>x<e/>y</d><f/><g><h>x</h></g><i> </i></a>", {});
  ASSERT_TRUE(parsed) << parsed.error();
  EXPECT_EQ(text_of(parsed->root(), "b"), "x & y");
  EXPECT_EQ(text_of(parsed->root(), "i"), " ");
  for (const auto* name : {"c", "d", "f", "g", "absent"}) {
    EXPECT_EQ(text_of(parsed->root(), name), "") << name;
  }
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
