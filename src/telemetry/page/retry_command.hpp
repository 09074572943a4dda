// What an operator types to bring a failed file back at once.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ingestor::telemetry::page {

/// Longer ones are nothing to be copied from a page.
inline constexpr std::size_t retry_command_bytes_max = 320;

/// For a POSIX shell, matching this key alone; not HTML. nullopt where the command would be too
/// long, or the key has characters that a page cannot show for copying.
std::optional<std::string> retry_command(std::string_view key);

}  // namespace ingestor::telemetry::page
