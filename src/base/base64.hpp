// Base64 with its standard alphabet and padding (RFC 4648, section 4).
#pragma once

#include "base/bytes.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ingestor {

std::string base64_encode(const_bytes bytes);

/// Strict: no white space, no missing or surplus padding, no bits set behind the last byte. There
/// is one text for each sequence of bytes, and no other is taken.
std::optional<std::vector<std::byte>> base64_decode(std::string_view text);

}  // namespace ingestor
