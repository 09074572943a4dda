// Which page a request asks for.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ingestor::http {

/// The path of a request's target, from "/" on, without query, percent-decoded, and with "." and
/// ".." resolved; never longer than the target. `//` stays: it is another path. The target is a
/// path or, as proxies and some clients send it, a whole http URL. nullopt: it is neither, or a `%`
/// in it is not followed by two hexadecimal digits, or stands for a control character.
std::optional<std::string> path_of(std::string_view target);

}  // namespace ingestor::http
