// Passwords as SCRAM sees them: the same characters, however they were typed. Source: RFC 4013,
// RFC 3454; PostgreSQL applies it to what it stores (common/saslprep.c).
#pragma once

#include <string>
#include <string_view>

namespace ingestor::pg::wire {

/// The prepared password. As PostgreSQL does: one that SASLprep has nothing to say about (ASCII),
/// or refuses (not UTF-8, with characters that it forbids or does not know, or nothing but such as
/// it drops), stays as it is. And what is refused is decided before the characters are normalised,
/// where the RFC would have it decided afterwards.
std::string saslprep(std::string_view password);

}  // namespace ingestor::pg::wire
