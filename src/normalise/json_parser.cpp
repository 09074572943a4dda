#include "normalise/json_parser.hpp"

#include "normalise/json_events.hpp"

#include <charconv>

namespace ingestor::normalise {
namespace {

using json_events::refusal;

/// Passes the events on to the record, and stops where jsonb, or a limit, says no.
class judge {
 public:
  explicit judge(record_reader& into) : into_{into} {}

  void begin_container(const char* at) {
    if (++depth_ > depth_max) {
      throw refusal{reject_code::too_deep, "nested deeper than 512 levels", at};
    }
    into_.begin_container();
  }

  void end_container() {
    --depth_;
    into_.end_container();
  }

  void key(std::string_view raw) { into_.key(raw); }

  /// Also announced for the value that an empty container does not have; only ends are counted.
  void begin_value(const char* at) { into_.begin_value(at); }

  void end_value(const char* at) {
    if (++values_ > values_max) {
      throw refusal{reject_code::too_long, "more than 8388608 values", at};
    }
    into_.end_value(at);
  }

  static void number(std::string_view digits, bool negative) {
    if (digits.size() + (negative ? 1 : 0) > number_characters_max) {
      throw refusal{reject_code::number_out_of_range, "a number of more than 1000 characters",
                    digits.data()};
    }
  }

  /// From the letter e on.
  static void exponent(std::string_view text) {
    text.remove_prefix(1);
    if (text.starts_with('+')) text.remove_prefix(1);
    int value = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    if (read.ec != std::errc{} || value > exponent_max || value < -exponent_max) {
      throw refusal{reject_code::number_out_of_range, "an exponent beyond 1000 or -1000",
                    text.data()};
    }
  }

 private:
  record_reader& into_;
  std::size_t depth_ = 0;
  std::size_t values_ = 0;
};

rejection explain(reject_code code, const std::string& what, std::size_t byte) {
  return {code, what + " at column " + std::to_string(byte + 1)};
}

/// What a whole line of valid JSON is, by its first character.
std::string_view kind_of(std::string_view line) {
  switch (line[line.find_first_not_of(" \t\r\n")]) {
    case '{':
      return "an object";
    case '[':
      return "an array";
    case '"':
      return "a string";
    case 't':
    case 'f':
      return "a boolean";
    case 'n':
      return "null";
    default:
      return "a number";
  }
}

}  // namespace

std::optional<rejection> parse_line(std::string_view line, record_reader& into) {
  using tao::json::internal::grammar;
  namespace pegtl = json_events::pegtl;
  using input = pegtl::memory_input<pegtl::tracking_mode::lazy, pegtl::eol::lf, const char*>;

  into.begin();
  judge consumer{into};
  try {
    pegtl::parse<grammar, json_events::action, json_events::control>(
        input{line.data(), line.data() + line.size(), ""}, consumer);
  } catch (const refusal& why) {
    return explain(why.code, why.what, static_cast<std::size_t>(why.at - line.data()));
  } catch (const pegtl::parse_error& why) {
    return explain(reject_code::not_json, std::string{why.message()}, why.positions().front().byte);
  }
  const auto kind = kind_of(line);
  if (kind == "an object") return std::nullopt;
  return rejection{reject_code::not_an_object, "the line is " + std::string{kind}};
}

}  // namespace ingestor::normalise
