#include "pg/fsm/error.hpp"

#include "base/utf8.hpp"

#include <array>
#include <charconv>
#include <utility>

namespace ingestor::pg {
namespace {

namespace field = wire::notice_field;

/// Control characters of either half, which move a terminal's cursor, and Unicode's line breaks.
bool breaks_lines(char32_t each) {
  return each < 0x20 || (each >= 0x7f && each < 0xa0) || each == 0x2028 || each == 0x2029;
}

/// Shows text in another order than it has. Source: Unicode Standard Annex #9, section 2.
bool reorders(char32_t each) {
  return each == 0x061c || each == 0x200e || each == 0x200f || (each >= 0x202a && each <= 0x202e) ||
         (each >= 0x2066 && each <= 0x2069);
}

/// Whatever a server says, it is shown as one line of UTF-8 in the order it has.
std::string on_one_line(std::string_view text) {
  std::string line;
  line.reserve(text.size());
  while (!text.empty()) {
    const auto next = first_character(text);
    if (!next.well_formed || reorders(next.character)) {
      line += replacement_character;
    } else if (breaks_lines(next.character)) {
      line += ' ';
    } else {
      line += text.substr(0, next.bytes);
    }
    text.remove_prefix(next.bytes);
  }
  return line;
}

/// Cut on a character's edge, and marked where it is.
std::string shortened(std::string text) {
  constexpr std::string_view mark = " …";
  if (text.size() <= error_text_bytes_max) return text;
  text.resize(error_text_bytes_max - mark.size());
  const auto checked = check_utf8(text);
  if (checked.cut) text.resize(checked.valid_bytes);
  return text.append(mark);
}

std::string shortened(std::string_view text) {
  return shortened(std::string{text.substr(0, error_text_bytes_max + 1)});
}

// Every server since 9.6 sends the field 'V'; PgBouncer, speaking for itself, does not. It says
// 08P01 of nearly everything, so that only its words tell what needs a person from what passes: no
// server to be had, too many clients.
bool is_poolers_own(const wire::error_response& response) {
  return response.get(field::severity).empty() && response.get(field::sqlstate) == "08P01";
}

struct pooler_rule {
  /// Somewhere in its words.
  std::string_view words;
  error_category category;
  std::string_view advice;
};

constexpr auto pooler_rules = std::to_array<pooler_rule>({
    {"startup parameter", error_category::configuration,
     "remove it from the connection URI; a setting that is needed can be the role's own, by ALTER "
     "ROLE ... SET ..."},
    {"authentication failed", error_category::authentication, {}},
    {"login rejected", error_category::authentication, {}},
    {"no such user", error_category::authentication, {}},
    {"no such database", error_category::configuration, {}},
    {"does not exist", error_category::configuration, {}},
    {"is disabled", error_category::configuration, {}},
    {"config error", error_category::configuration, {}},
});

void judge_poolers_own(error& failure) {
  failure.category = error_category::connection;
  for (const auto& each : pooler_rules) {
    if (failure.message.find(each.words) == std::string::npos) continue;
    failure.category = each.category;
    failure.hint = each.advice;
    return;
  }
}

std::int32_t position_of(std::string_view digits) {
  std::int32_t position = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), position);
  return position;
}

}  // namespace

std::string_view name_of(error_category category) {
  switch (category) {
    case error_category::connection:
      return "connection";
    case error_category::authentication:
      return "authentication";
    case error_category::data:
      return "data";
    case error_category::statement:
      return "statement";
    case error_category::shutdown:
      return "shutdown";
    case error_category::transient:
      return "transient";
    case error_category::protocol_violation:
      return "protocol violation";
    case error_category::timeout:
      return "timeout";
    case error_category::configuration:
      return "configuration";
  }
  return "unknown";
}

std::string error::words() const {
  std::string line = message;
  if (!sqlstate.empty()) line += " (" + sqlstate + ")";
  if (message.find(constraint) == std::string::npos) line += " by " + constraint;
  if (!detail.empty()) line += ": " + detail;
  return on_one_line(line);
}

std::string error::text() const {
  std::string line = message;
  if (!sqlstate.empty()) line += " (" + sqlstate + ")";
  if (!detail.empty()) line += ": " + detail;
  if (!hint.empty()) line += " (hint: " + hint + ")";
  if (!where.empty()) line += " [" + where + "]";
  if (!server.empty()) line += "; on " + server;
  if (!statement.empty()) line += "; in " + statement;
  return on_one_line(line);
}

error make_error(error_category category, std::string message) {
  error failure;
  failure.category = category;
  failure.message = shortened(std::move(message));
  return failure;
}

error from_response(const wire::error_response& response, phase during) {
  error failure;
  const auto severity = response.get(field::severity);
  failure.severity =
      shortened(severity.empty() ? response.get(field::severity_translated) : severity);
  failure.sqlstate = shortened(response.get(field::sqlstate));
  failure.message = shortened(response.get(field::message));
  failure.detail = shortened(response.get(field::detail));
  failure.hint = shortened(response.get(field::hint));
  failure.schema = shortened(response.get(field::schema));
  failure.table = shortened(response.get(field::table));
  failure.column = shortened(response.get(field::column));
  failure.constraint = shortened(response.get(field::constraint));
  failure.where = shortened(response.get(field::where));
  failure.position = position_of(response.get(field::position));
  failure.category = classify(failure.sqlstate, during);
  if (is_poolers_own(response)) judge_poolers_own(failure);
  return failure;
}

bool ends_the_connection(const error& failure) {
  return failure.severity == "FATAL" || failure.severity == "PANIC";
}

}  // namespace ingestor::pg
