// S3's XML answers, read with limits.
//
// A document is scanned before pugixml sees it: a tree costs some twenty times the bytes of a
// hostile document, so nodes are counted first. Much that XML allows and S3 never sends is refused
// as a whole: anything that begins with `<!` (a DTD with its entities, CDATA, comments), processing
// instructions behind the declaration, other encodings than UTF-8, other entities than XML's own
// five. So is what pugixml would pass over: NULs (also as `&#0;`), where a text would be cut
// without a word, and anything beside the one root element.
#pragma once

#include "base/result.hpp"

#include <pugixml.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace ingestor::aws {

struct xml_limits {
  /// A page of 1,000 keys of 1,024 bytes, each byte percent-encoded, takes 3.4 MiB.
  std::size_t bytes_max = std::size_t{8} * 1024 * 1024;
  std::size_t depth_max = 16;
  /// Elements and attributes together.
  std::size_t nodes_max = std::size_t{64} * 1024;
};

/// Why the document must not be parsed; empty when it may. Does not say that it is well-formed.
std::string refuse_xml(std::string_view document, const xml_limits& limits);

/// A parsed document with the text it points into.
class xml_document {
 public:
  /// The error is for people.
  static ingestor::result<xml_document, std::string> parse(std::string text,
                                                           const xml_limits& limits);

  pugi::xml_node root() const { return tree_->document_element(); }

 private:
  xml_document() = default;

  // Both on the heap, so that moving the document leaves the tree's pointers valid.
  std::unique_ptr<std::string> text_;
  std::unique_ptr<pugi::xml_document> tree_;
};

/// The text of the one child of that name. Empty where there is none; also where there are several,
/// or one that holds elements, since a part of an answer must not be taken for the whole. Lives as
/// long as the document.
std::string_view text_of(pugi::xml_node parent, const char* name);

}  // namespace ingestor::aws
