#include "pg/fsm/error.hpp"

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
});

// During COPY an error may be the fault of one row: of its values, or of what somebody's trigger,
// function or index makes of them. 22P03 and 22P04 are not: they say that the encoding or the
// number of columns is not what the table wants, and would be said of every row.
constexpr auto copy_rules = std::to_array<rule>({
    {"22P03", protocol_violation},
    {"22P04", protocol_violation},
    {"54", data},
    {"09", data},
    {"21", data},
    {"27", data},
    {"2F", data},
    {"38", data},
    {"39", data},
    {"P0", data},
    {"XX000", protocol_violation},
});

constexpr auto common_rules = std::to_array<rule>({
    {"08P01", protocol_violation},
    {"08", connection},
    {"22", data},
    {"23", data},
    {"44", data},
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
    {"57P", shutdown},
    {"57", transient},
    {"58P", statement},
    {"58", transient},
    {"72", transient},
    {"F0", configuration},
});

std::optional<error_category> find(std::span<const rule> rules, std::string_view sqlstate) {
  for (const auto& each : rules) {
    if (sqlstate.starts_with(each.prefix)) return each.category;
  }
  return std::nullopt;
}

}  // namespace

error_category classify(std::string_view sqlstate, phase during) {
  std::span<const rule> special;
  if (during == phase::startup) special = startup_rules;
  if (during == phase::copy) special = copy_rules;
  if (const auto found = find(special, sqlstate)) return *found;
  return find(common_rules, sqlstate).value_or(statement);
}

}  // namespace ingestor::pg
