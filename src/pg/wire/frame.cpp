#include "pg/wire/frame.hpp"

#include <string>
#include <string_view>

namespace ingestor::pg::wire {
namespace {

constexpr std::string_view types_while_authenticating = "RENv";
constexpr std::string_view types_when_established = "RSKZENA123CDITtnsGHWdcv";
constexpr std::string_view long_types = "ENATtd";

std::string named(char type) {
  const auto code = static_cast<unsigned char>(type);
  if (code > 0x20 && code < 0x7f) return std::string{'\'', type, '\''};
  return "number " + std::to_string(code);
}

std::size_t length_max(char type, const frame_limits& limits) {
  if (limits.at == stage::authenticating) {
    return type == 'R' ? authentication_bytes_max : short_message_bytes_max;
  }
  if (type == 'D') return limits.row_bytes_max;
  return long_types.find(type) != std::string_view::npos ? long_message_bytes_max
                                                         : short_message_bytes_max;
}

}  // namespace

decoded<std::size_t> body_bytes(char type, std::int32_t length, const frame_limits& limits) {
  const auto allowed =
      limits.at == stage::authenticating ? types_while_authenticating : types_when_established;
  if (allowed.find(type) == std::string_view::npos) {
    return malformed{"a message of type " + named(type) + " has no place here"};
  }
  const std::int32_t length_min =
      type == 'R' ? static_cast<std::int32_t>(authentication_bytes_min) : 4;
  if (length < length_min || static_cast<std::size_t>(length) > length_max(type, limits)) {
    return malformed{"a message of type " + named(type) + " claims an impossible length of " +
                     std::to_string(length) + " bytes"};
  }
  return static_cast<std::size_t>(length) - 4;
}

}  // namespace ingestor::pg::wire
