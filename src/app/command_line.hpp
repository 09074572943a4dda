// The command line as typed values.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

namespace ingestor::app {

struct run_command {};

struct once_command {
  bool json = false;
};

struct migrate_command {};

struct status_command {
  bool json = false;
};

struct top_command {
  /// One report in plain text, on a terminal too.
  bool once = false;
  /// Between two readings; nullopt: of its own choice on a terminal, and a single one elsewhere.
  std::optional<std::chrono::seconds> interval;
};

struct retry_command {
  /// A pattern of keys as people write them; see ledger/glob.hpp. `--all` is `*`.
  std::string keys;
  /// Completed files too.
  bool reingest = false;
};

struct inspect_command {
  /// `s3://bucket/key`, or a path of this machine.
  std::string uri;
  std::uint32_t rows = 5;
  bool json = false;
};

struct check_command {};

struct config_command {};

/// There is nothing to run: help or the version was asked for, or an option is wrong.
struct nothing_to_run {
  int exit_code = 0;
  std::string text;
};

using command =
    std::variant<run_command, once_command, migrate_command, status_command, top_command,
                 retry_command, inspect_command, check_command, config_command, nothing_to_run>;

command parse_command_line(int argc, const char* const* argv);

}  // namespace ingestor::app
