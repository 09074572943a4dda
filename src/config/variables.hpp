// Every variable that Ingestor knows: its default as a user would write it, and how much of its
// value may be shown. Parsing is elsewhere; this table is what `ingestor config` lists.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace ingestor::config {

enum class visibility {
  shown,
  /// Whether it is set, and nothing else.
  hidden,
  /// The last four characters, so that two keys can be told apart.
  last_four,
  /// A libpq URI: without its password.
  database_url,
  /// A URL that should hold no password: as it is, unless there is an `@` in it.
  url,
};

/// Whether this version acts upon the variable.
enum class support { used, not_supported };

struct variable {
  std::string_view name;
  /// What an unset variable means, in the variable's own grammar; empty where there is no default.
  std::string_view fallback;
  visibility seen = visibility::shown;
  support state = support::used;
};

/// In the order in which they are listed.
std::span<const variable> variables();

/// The variable's entry; the name must be one of variables().
const variable& variable_named(std::string_view name);

/// In order of precedence.
std::span<const std::string_view> endpoint_variables();

}  // namespace ingestor::config
