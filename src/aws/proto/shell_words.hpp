// A command line as a POSIX shell takes it apart into words, and nothing else of a shell.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ingestor::aws {

/// Blanks separate; '…' keeps everything, "…" all but \" and \\, a backslash outside of them the
/// next character. No variables, no patterns, no comments. Nothing when a quotation or a backslash
/// is left open.
std::optional<std::vector<std::string>> shell_words(std::string_view line);

}  // namespace ingestor::aws
