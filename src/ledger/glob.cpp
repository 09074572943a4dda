#include "ledger/glob.hpp"

#include "base/utf8.hpp"

#include <utility>

namespace ingestor::ledger {
namespace {

using step = result<void, glob_mistake>;

bool is_special(std::string_view character) {
  constexpr std::string_view special = R"(!"#$%&'()*+,-./:;<=>?@[\]^_`{|}~)";
  return special.find(character) != std::string_view::npos;
}

class translator {
 public:
  explicit translator(std::string_view glob) : rest_{glob} {}

  result<std::string, glob_mistake> translate() {
    while (!rest_.empty()) {
      const auto done = translate_one();
      if (!done) return done.error();
    }
    out_ += '$';
    // A mistake could be made of the text as well, so which it is must be said.
    return {boost::system::in_place_value, std::move(out_)};
  }

 private:
  std::string_view take() {
    const auto character = rest_.substr(0, first_character(rest_).bytes);
    rest_.remove_prefix(character.size());
    return character;
  }

  bool take_if(std::string_view text) {
    const bool there = rest_.starts_with(text);
    if (there) rest_.remove_prefix(text.size());
    return there;
  }

  // PostgreSQL takes a backslash before what is neither letter nor digit for that character, in a
  // bracket expression too, whether or not it means something there.
  void append_itself(std::string_view character) {
    if (is_special(character)) out_ += '\\';
    out_ += character;
  }

  step translate_one() {
    if (take_if("*")) {
      while (take_if("*")) {
      }
      out_ += ".*";
      return {};
    }
    if (take_if("?")) {
      out_ += '.';
      return {};
    }
    if (take_if("[")) return translate_class();
    const auto literal = take_literal();
    if (!literal) return literal.error();
    append_itself(*literal);
    return {};
  }

  result<std::string_view, glob_mistake> take_literal() {
    if (!take_if("\\")) return take();
    if (rest_.empty()) {
      return glob_mistake{R"(it ends in a \ that escapes nothing; write \\ for a backslash)"};
    }
    return take();
  }

  step translate_class() {
    out_ += take_if("!") ? "[^" : "[";
    bool first = true;
    while (first || !take_if("]")) {
      const auto member = translate_member();
      if (!member) return member.error();
      first = false;
    }
    out_ += ']';
    return {};
  }

  result<std::string_view, glob_mistake> take_member() {
    if (rest_.empty()) {
      return glob_mistake{R"(a [ has no ] behind it; write \[ for a bracket that is itself)"};
    }
    return take_literal();
  }

  step translate_member() {
    const auto low = take_member();
    if (!low) return low.error();
    append_itself(*low);
    if (!rest_.starts_with('-') || rest_.starts_with("-]")) return {};
    rest_.remove_prefix(1);
    const auto high = take_member();
    if (!high) return high.error();
    if (first_character(*high).character < first_character(*low).character) {
      return glob_mistake{"the range " + std::string{*low} + "-" + std::string{*high} +
                          " runs backwards"};
    }
    out_ += '-';
    append_itself(*high);
    return {};
  }

  std::string_view rest_;
  std::string out_ = "^";
};

}  // namespace

result<std::string, glob_mistake> regular_expression_of(std::string_view glob) {
  if (glob.empty()) return glob_mistake{"it is empty, and no key is"};
  if (glob.size() > glob_bytes_max) {
    return glob_mistake{"it has more than " + std::to_string(glob_bytes_max) + " bytes"};
  }
  if (check_utf8(glob).valid_bytes != glob.size()) return glob_mistake{"it is not UTF-8"};
  return translator{glob}.translate();
}

}  // namespace ingestor::ledger
