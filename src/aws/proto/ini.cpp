#include "aws/proto/ini.hpp"

#include "base/ascii.hpp"
#include "base/utf8.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

namespace ingestor::aws {
namespace {

constexpr std::string_view blanks = " \t\v\f";
constexpr std::string_view inherited_section = "DEFAULT";

std::string_view stripped(std::string_view text) {
  const auto first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

struct open_entry {
  std::string name;
  std::vector<std::string> lines;
};

class ini_parser {
 public:
  explicit ini_parser(const ini_limits& limits) : limits_{limits} {}

  /// Empty, or what is wrong with the line.
  std::string_view line(std::string_view text);
  std::string_view end_entry();
  std::vector<ini_section> finish();

 private:
  std::string_view section(std::string_view name);
  std::string_view entry(std::string_view text);

  const ini_limits& limits_;
  std::vector<ini_section> sections_;
  std::set<std::string, std::less<>> names_;
  ini_section inherited_;
  ini_section* current_ = nullptr;  // the last of sections_, or inherited_
  std::optional<open_entry> open_;
  std::size_t indent_ = 0;
  std::size_t entries_ = 0;
};

std::string_view ini_parser::line(std::string_view text) {
  if (text.size() > limits_.line_bytes_max) return "is too long";
  const auto content = stripped(text);
  if (content.starts_with('#') || content.starts_with(';')) return {};
  if (content.empty()) {
    if (open_) open_->lines.emplace_back();
    return {};
  }
  const auto indent = text.find_first_not_of(blanks);
  if (open_ && indent > indent_) {
    open_->lines.emplace_back(content);
    return {};
  }
  indent_ = indent;
  if (const auto wrong = end_entry(); !wrong.empty()) return wrong;
  const auto close = content.rfind(']');
  if (content.starts_with('[') && close != std::string_view::npos && close > 1) {
    return section(content.substr(1, close - 1));
  }
  return entry(content);
}

std::string_view ini_parser::section(std::string_view name) {
  if (name == inherited_section) {
    current_ = &inherited_;
    return {};
  }
  if (!names_.emplace(name).second) return "begins a section that is there already";
  if (++entries_ > limits_.entries_max) return "is one of too many";
  sections_.push_back({std::string{name}, {}});
  current_ = &sections_.back();
  return {};
}

std::string_view ini_parser::entry(std::string_view text) {
  if (current_ == nullptr) return "stands before the first [section]";
  const auto delimiter = text.find_first_of("=:");
  if (delimiter == std::string_view::npos || delimiter == 0) {
    return "is neither a [section] nor name = value";
  }
  auto name = ascii_lower(stripped(text.substr(0, delimiter)));
  if (current_->entries.contains(name)) return "sets what its section sets already";
  if (++entries_ > limits_.entries_max) return "is one of too many";
  current_->entries[name];
  open_ = open_entry{std::move(name), {std::string{stripped(text.substr(delimiter + 1))}}};
  return {};
}

std::string_view ini_parser::end_entry() {
  if (!open_) return {};
  const auto done = std::exchange(open_, std::nullopt);
  auto lines = done->lines;
  while (lines.size() > 1 && lines.back().empty()) lines.pop_back();
  auto& into = current_->entries[done->name];
  into.group = lines.size() > 1 && lines.front().empty();
  if (into.group) {
    const bool good = std::ranges::all_of(lines, [](const std::string& each) {
      return each.empty() || each.find('=') != std::string::npos;
    });
    return good ? std::string_view{} : "ends a group with a line that is not name = value";
  }
  for (std::size_t i = 0; i < lines.size(); ++i)
    into.text.append(i == 0 ? "" : "\n").append(lines[i]);
  return {};
}

std::vector<ini_section> ini_parser::finish() {
  for (auto& each : sections_) {
    for (const auto& [name, value] : inherited_.entries) each.entries.try_emplace(name, value);
  }
  return std::move(sections_);
}

/// Lines end with LF, CR, or both. The rest is what follows the end.
std::string_view take_line(std::string_view& rest) {
  const auto end = std::min(rest.find_first_of("\r\n"), rest.size());
  const auto line = rest.substr(0, end);
  const bool both = rest.substr(end).starts_with("\r\n");
  rest.remove_prefix(std::min(end + (both ? 2 : 1), rest.size()));
  return line;
}

}  // namespace

ingestor::result<std::vector<ini_section>, std::string> parse_ini(std::string_view text,
                                                                  const ini_limits& limits) {
  if (text.size() > limits.bytes_max) {
    return "it is longer than " + std::to_string(limits.bytes_max) + " bytes";
  }
  if (check_utf8(text).valid_bytes != text.size()) return std::string{"it is not text in UTF-8"};
  ini_parser parser{limits};
  std::size_t number = 0;
  const auto mistake = [&](std::string_view wrong) {
    return "line " + std::to_string(number).append(" ").append(wrong);
  };
  while (!text.empty()) {
    ++number;
    if (const auto wrong = parser.line(take_line(text)); !wrong.empty()) return mistake(wrong);
  }
  if (const auto wrong = parser.end_entry(); !wrong.empty()) return mistake(wrong);
  return parser.finish();
}

}  // namespace ingestor::aws
