#include "aws/proto/xml.hpp"

#include <algorithm>
#include <utility>

namespace ingestor::aws {
namespace {

/// Walks over tags and counts; text is skipped by searching for the next `<`.
class scanner {
 public:
  scanner(std::string_view document, const xml_limits& limits)
      : document_{document}, limits_{limits} {}

  std::string run() {
    while (refusal_.empty()) {
      const auto open = document_.find('<', at_);
      if (open == std::string_view::npos) break;
      at_ = open + 1;
      tag();
    }
    return refusal_;
  }

 private:
  void tag() {
    const char first = at_ < document_.size() ? document_[at_] : '\0';
    if (first == '!') {
      refusal_ = "it has a DTD, a CDATA section or a comment, which S3 never sends";
    } else if (first == '?') {
      at_ = std::min(document_.find("?>", at_), document_.size());
    } else if (first == '/') {
      if (depth_ > 0) --depth_;
      at_ = std::min(document_.find('>', at_), document_.size());
    } else {
      start_tag();
    }
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

}  // namespace ingestor::aws
