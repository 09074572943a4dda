#include "pg/fsm/error.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <span>

namespace ingestor::pg {
namespace {

using enum error_category;

struct rule {
  /// A whole SQLSTATE, or its class alone; the first rule that fits decides.
  std::string_view prefix;
  error_category category;
};

// While logging in, whatever is wrong with what we asked for is wrong with the settings.
constexpr auto startup_rules = std::to_array<rule>({
    {"0A", configuration},
    {"22", configuration},
    {"3D", configuration},
    {"42501", authentication},
    {"42", configuration},
    {"55000", configuration},
    {"55P02", configuration},
});

// 22P03 and 22P04 blame no row: they say that the encoding or the number of columns is not what the
// server wants. Nor does 2200H, of a sequence that has come to its end.
constexpr auto statement_rules = std::to_array<rule>({
    {"22P03", protocol_violation},
    {"22P04", protocol_violation},
    {"2200H", statement},
    {"22", data},
    {"23", data},
    {"40002", data},
    {"44", data},
});

// During COPY an error may be the fault of one row: of its values, or of what somebody's trigger,
// function or index makes of them.
constexpr auto copy_rules = std::to_array<rule>({
    {"22P03", protocol_violation},
    {"22P04", protocol_violation},
    {"2200H", statement},
    {"09", data},
    {"10", data},
    {"20", data},
    {"21", data},
    {"22", data},
    {"23", data},
    {"27", data},
    {"2F", data},
    {"38", data},
    {"39", data},
    {"40002", data},
    {"44", data},
    {"54", data},
    {"P0", data},
    {"XX000", protocol_violation},
});

constexpr auto common_rules = std::to_array<rule>({
    {"08P01", protocol_violation},
    {"08", connection},
    {"25006", shutdown},
    {"25P03", timeout},
    {"25P04", timeout},
    {"28", authentication},
    {"40", transient},
    {"53", transient},
    {"55006", transient},
    {"55P03", transient},
    {"57014", timeout},
    {"57P04", configuration},
    // One session that was idle for too long; it says nothing about the server.
    {"57P05", timeout},
    {"57P", shutdown},
    {"57", transient},
    {"58P", statement},
    {"58", transient},
    {"72", transient},
    {"F0", configuration},
    {"HV001", transient},
    {"HV00N", connection},
});

std::span<const rule> rules_of(phase during) {
  switch (during) {
    case phase::startup:
      return startup_rules;
    case phase::statement:
      return statement_rules;
    case phase::copy:
      return copy_rules;
  }
  return {};
}

/// Five digits and upper-case letters.
bool well_formed(std::string_view sqlstate) {
  const auto allowed = [](char each) {
    return (each >= '0' && each <= '9') || (each >= 'A' && each <= 'Z');
  };
  return sqlstate.size() == 5 && std::ranges::all_of(sqlstate, allowed);
}

std::optional<error_category> find(std::span<const rule> rules, std::string_view sqlstate) {
  for (const auto& each : rules) {
    if (sqlstate.starts_with(each.prefix)) return each.category;
  }
  return std::nullopt;
}

}  // namespace

error_category classify(std::string_view sqlstate, phase during) {
  if (!well_formed(sqlstate)) return statement;
  if (const auto found = find(rules_of(during), sqlstate)) return *found;
  return find(common_rules, sqlstate).value_or(statement);
}

}  // namespace ingestor::pg
