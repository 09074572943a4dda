// Text from outside on the page: escaped, cut, and never able to turn what stands around it around.
#pragma once

#include "base/time.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace ingestor::telemetry::page {

/// Of one key in HTML, so that a page of the worst keys stays small: those of ordinary characters
/// are whole, however long.
inline constexpr std::size_t key_html_bytes_max = 1280;
/// Of one error or reason; the ledger, and `status --json`, have it whole.
inline constexpr std::size_t error_html_bytes_max = 600;
inline constexpr std::size_t reason_html_bytes_max = 200;
/// Of a name: a replica's, a bucket's, a version.
inline constexpr std::size_t name_html_bytes_max = 200;

/// Characters that cannot be seen, or change the direction of others, become a mark with their
/// number (U+202E). Line breaks stay. What is cut ends in an ellipsis.
std::string prose(std::string_view text, std::size_t html_bytes_max);

/// A name or a key in an element of its own, which keeps its direction to itself. Line breaks are
/// marked too; what is cut lacks its middle.
std::string name(std::string_view text, std::size_t html_bytes_max = name_html_bytes_max);

/// Whether a person can copy it from a page, and has it all: nothing is marked or replaced.
bool is_plain(std::string_view text);

/// `<tag class="css">content</tag>`; the content is HTML already.
std::string element(std::string_view tag, std::string_view content, std::string_view css = {});

/// A cell of a table that narrow screens show as cards, where its label stands beside it. A dash is
/// for nothing.
std::string cell(std::string_view label, std::string_view content, std::string_view css = {});

/// 812 bytes, 1.5 KiB, 12.3 MiB, 4.0 GiB, 1,024.0 TiB
std::string bytes(std::uint64_t count);

/// A short time, exactly: 4 ms, 1.25 s.
std::string delay(double seconds);

/// 1 file, 2 files
std::string counted(std::uint64_t count, std::string_view one, std::string_view many);

/// A point in time as an element; and how long ago it is, the time itself as its title. What lies
/// ahead is "in 5s".
std::string clock_time(timestamp at);
std::string relative_time(timestamp at, timestamp now);

}  // namespace ingestor::telemetry::page
