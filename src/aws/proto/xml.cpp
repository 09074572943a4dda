#include "aws/proto/xml.hpp"

#include "base/utf8.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <utility>

namespace ingestor::aws {
namespace {

/// More digits than any character needs are there to be counted.
constexpr std::size_t reference_bytes_max = 8;

/// What stands between `&#` and `;`. Not NUL, nor half a character of UTF-16.
bool is_character(std::string_view number) {
  const bool hexadecimal = number.starts_with('x');
  if (hexadecimal) number.remove_prefix(1);
  std::uint32_t value = 0;
  const auto* const last = number.data() + number.size();
  const auto [end, failed] = std::from_chars(number.data(), last, value, hexadecimal ? 16 : 10);
  if (number.empty() || failed != std::errc{} || end != last) return false;
  return value != 0 && value <= 0x10ffff && (value < 0xd800 || value > 0xdfff);
}

/// Whether each `&` begins a reference that means one character.
bool has_only_characters(std::string_view document) {
  constexpr std::array<std::string_view, 5> known{"amp", "lt", "gt", "quot", "apos"};
  for (auto at = document.find('&'); at != std::string_view::npos; at = document.find('&', at)) {
    const auto ahead = document.substr(++at, reference_bytes_max + 1);
    const auto end = ahead.find(';');
    if (end == std::string_view::npos) return false;
    const auto name = ahead.substr(0, end);
    const bool good = name.starts_with('#')
                          ? is_character(name.substr(1))
                          : std::find(known.begin(), known.end(), name) != known.end();
    if (!good) return false;
  }
  return true;
}

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

/// Walks over tags and counts; text is skipped by searching for the next `<`.
class scanner {
 public:
  scanner(std::string_view document, const xml_limits& limits)
      : document_{document}, limits_{limits} {}

  std::string run() {
    while (refusal_.empty()) {
      const auto open = std::min(document_.find('<', at_), document_.size());
      if (depth_ == 0 && !is_blank(document_.substr(at_, open - at_))) {
        refusal_ = "it has text outside of its elements";
      }
      if (open == document_.size()) break;
      at_ = open + 1;
      if (refusal_.empty()) tag();
    }
    return refusal_;
  }

 private:
  void tag() {
    const char first = at_ < document_.size() ? document_[at_] : '\0';
    if (first == '!') {
      refusal_ = "it has a DTD, a CDATA section or a comment, which S3 never sends";
    } else if (first == '?') {
      if (nodes_ > 0) refusal_ = "it has a processing instruction, which S3 never sends";
      behind("?>");
    } else if (first == '/') {
      if (depth_ > 0) --depth_;
      behind(">");
    } else {
      if (depth_ == 0 && nodes_ > 0) refusal_ = "it has more than one root element";
      start_tag();
    }
  }

  void behind(std::string_view end) {
    const auto found = document_.find(end, at_);
    at_ = found == std::string_view::npos ? document_.size() : found + end.size();
  }

  void start_tag() {
    count_node();
    if (++depth_ > limits_.depth_max) refusal_ = "its elements are nested too deep";
    char quote = '\0';
    char previous = '\0';
    for (; at_ < document_.size() && refusal_.empty(); ++at_) {
      const char c = document_[at_];
      if (quote != '\0') {
        if (c == quote) quote = '\0';
      } else if (c == '"' || c == '\'') {
        quote = c;
        count_node();
      } else if (c == '>') {
        if (previous == '/') --depth_;
        ++at_;
        return;
      }
      previous = c;
    }
  }

  void count_node() {
    if (++nodes_ > limits_.nodes_max) refusal_ = "it has too many elements and attributes";
  }

  std::string_view document_;
  const xml_limits& limits_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
  std::size_t nodes_ = 0;
  std::string refusal_;
};

}  // namespace

std::string refuse_xml(std::string_view document, const xml_limits& limits) {
  if (document.size() > limits.bytes_max) {
    return "it is longer than " + std::to_string(limits.bytes_max) + " bytes";
  }
  constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
  if (document.starts_with(byte_order_mark)) document.remove_prefix(byte_order_mark.size());
  if (check_utf8(document).valid_bytes != document.size()) return "it is not UTF-8 without NULs";
  if (!has_only_characters(document)) return "it refers to an entity, or to no character";
  return scanner{document, limits}.run();
}

ingestor::result<xml_document, std::string> xml_document::parse(std::string text,
                                                                const xml_limits& limits) {
  if (auto refusal = refuse_xml(text, limits); !refusal.empty()) return refusal;
  xml_document out;
  out.text_ = std::make_unique<std::string>(std::move(text));
  out.tree_ = std::make_unique<pugi::xml_document>();
  // Text is kept to the byte (no normalised line ends), also where it is nothing but white space.
  constexpr unsigned flags = pugi::parse_escapes | pugi::parse_ws_pcdata_single;
  const auto parsed = out.tree_->load_buffer_inplace(out.text_->data(), out.text_->size(), flags,
                                                     pugi::encoding_utf8);
  if (!parsed) {
    return std::string{parsed.description()} + " at byte " + std::to_string(parsed.offset);
  }
  return out;
}

std::string_view text_of(pugi::xml_node parent, const char* name) {
  const auto node = parent.child(name);
  const auto text = node.first_child();
  if (node.next_sibling(name) || text.next_sibling() || text.type() != pugi::node_pcdata) return {};
  return text.value();
}

}  // namespace ingestor::aws
