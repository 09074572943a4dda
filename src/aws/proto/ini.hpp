// The INI dialect of AWS's `credentials` and `config` files, as the AWS CLI reads it.
//
// Source: AWS SDKs and Tools Reference Guide, "Shared config and credentials files"; Python's
// documentation of configparser, whose RawConfigParser is what the CLI uses: `name = value` or
// `name: value`, names without regard to case, lines that begin with # or ;, values that go on in
// lines indented deeper, a [DEFAULT] that all sections inherit, nothing twice.
#pragma once

#include "base/result.hpp"

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace ingestor::aws {

struct ini_limits {
  std::size_t bytes_max = std::size_t{1024} * 1024;
  /// A session token is on one line.
  std::size_t line_bytes_max = std::size_t{64} * 1024;
  /// Sections are counted too.
  std::size_t entries_max = 50'000;
};

struct ini_value {
  /// Lines joined by LF. Empty for a group.
  std::string text;
  /// `name =` with indented `name = value` lines below it.
  bool group = false;
};

struct ini_section {
  std::string name;
  /// Names in lower case.
  std::map<std::string, ini_value, std::less<>> entries;
};

/// Sections in the file's order, each name once. The error names a line and never quotes it: it may
/// hold a key.
ingestor::result<std::vector<ini_section>, std::string> parse_ini(std::string_view text,
                                                                  const ini_limits& limits);

}  // namespace ingestor::aws
