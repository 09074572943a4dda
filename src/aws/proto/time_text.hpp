// The two ways in which S3 writes a time.
#pragma once

#include "base/time.hpp"

#include <optional>
#include <string_view>

namespace ingestor::aws {

/// `2009-10-12T17:50:30.000Z`, as in XML (ISO 8601, always UTC); up to nine fraction digits, of
/// which those after the sixth are cut.
std::optional<timestamp> parse_iso8601(std::string_view text);

/// `Mon, 12 Oct 2009 17:50:30 GMT`, as in headers (RFC 9110, IMF-fixdate).
std::optional<timestamp> parse_http_date(std::string_view text);

}  // namespace ingestor::aws
