// Percent-encoding as Signature Version 4 defines it, and its inverse.
//
// Source: Amazon S3 API Reference, "Authenticating Requests (AWS Signature Version 4)", UriEncode:
// every byte is encoded except A-Z a-z 0-9 - . _ ~, in upper-case hexadecimal; in an object's path
// the slash stays as it is. Works on bytes: what a key means in UTF-8 does not matter here.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ingestor::aws {

/// Encodes a query's name or value: the slash too becomes %2F.
std::string encode_component(std::string_view bytes);

/// Encodes a path: slashes stay.
std::string encode_path(std::string_view bytes);

/// Decodes `encoding-type=url` of a listing: %XX to a byte, and `+` to a space (a plus sign itself
/// arrives as %2B). Nothing when a percent sign is not followed by two hexadecimal digits.
std::optional<std::string> decode_listed(std::string_view encoded);

}  // namespace ingestor::aws
