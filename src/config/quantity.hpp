// Quantities as people write them: durations (`500ms`, `30s`, `5m`, `1h`, `7d`), sizes (`64KiB`,
// `16MiB`, `1GiB`, or plain bytes) and shares (`100%`, `0.5%`). One number, one unit, nothing else.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ingestor::config {

/// Digits only, no sign; nullopt where the value does not fit.
std::optional<std::uint64_t> parse_whole_number(std::string_view text);

/// nullopt, too, where the milliseconds do not fit 63 bits.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

std::optional<std::uint64_t> parse_size(std::string_view text);

/// `50%` is 0.5; from 0% to 100%.
std::optional<double> parse_share(std::string_view text);

/// In the largest unit that divides it: 90s, 2m, 1d. The inverse of parse_duration().
std::string format_duration(std::chrono::milliseconds value);

/// In the largest unit that divides it: 1536KiB, 1GiB; plain bytes below. The inverse of
/// parse_size().
std::string format_size(std::uint64_t bytes);

}  // namespace ingestor::config
