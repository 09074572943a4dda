// The profiles of the `credentials` and `config` files together.
#pragma once

#include "aws/proto/ini.hpp"
#include "base/result.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace ingestor::aws {

/// One of the two files, as far as it could be read.
struct profile_file {
  std::string path;
  /// None: why is in `problem`.
  std::optional<std::string> text;
  /// "is not there".
  std::string problem;
};

class profile {
 public:
  using entries = std::map<std::string, ini_value, std::less<>>;

  /// The value of that name; nullptr where it is not set.
  const ini_value* find(std::string_view name) const;
  bool has(std::string_view name) const { return find(name) != nullptr; }
  /// The text of that name; empty where it is not set, or is a group.
  std::string get(std::string_view name) const;

  /// What is not set yet is set from `others`.
  void add(const entries& others);

 private:
  entries values_;
};

/// All that a profile says, and each file's own part of it: keys come from one file.
struct named_profile {
  profile merged;       ///< the credentials file's values come first
  profile credentials;  ///< [name] in the credentials file
  profile config;       ///< [profile name] or [default] in the config file
};

class profiles {
 public:
  /// The error names the file and the line.
  static ingestor::result<profiles, std::string> parse(const profile_file& credentials,
                                                       const profile_file& config);

  /// nullptr where neither file has it.
  const named_profile* find(std::string_view name) const;

 private:
  std::map<std::string, named_profile, std::less<>> named_;
};

}  // namespace ingestor::aws
