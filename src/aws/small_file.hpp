// Small files that somebody else writes: profiles, tokens.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

namespace ingestor::aws {

struct small_file {
  /// None: `problem` says why, in words that follow the file's name: "is not there".
  std::optional<std::string> text;
  std::string problem;
};

/// A regular file of at most `bytes_max`. Reads at once, on the caller's thread.
small_file read_small_file(const std::string& path, std::size_t bytes_max);

}  // namespace ingestor::aws
