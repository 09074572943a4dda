// ErrorResponse and NoticeResponse: the same list of fields under two type bytes.
// Source: PostgreSQL documentation, "Error and Notice Message Fields".
#pragma once

#include "pg/wire/malformed.hpp"
#include "pg/wire/writer.hpp"

#include <string_view>
#include <utility>
#include <vector>

namespace ingestor::pg::wire {

/// Field codes, as sent. Codes that are not listed are kept and may be ignored.
namespace notice_field {
inline constexpr char severity_translated = 'S';
inline constexpr char severity = 'V';
inline constexpr char sqlstate = 'C';
inline constexpr char message = 'M';
inline constexpr char detail = 'D';
inline constexpr char hint = 'H';
inline constexpr char position = 'P';
inline constexpr char where = 'W';
inline constexpr char schema = 's';
inline constexpr char table = 't';
inline constexpr char column = 'c';
inline constexpr char constraint = 'n';
}  // namespace notice_field

/// The server knows 18 fields; a message of many more is an attempt at our memory.
inline constexpr std::size_t notice_fields_max = 64;

struct notice_fields {
  std::vector<std::pair<char, std::string_view>> fields;

  /// Empty when the field is absent.
  std::string_view get(char code) const;

  void encode(writer& out) const;
  static decoded<notice_fields> decode(const_bytes body);
  friend bool operator==(const notice_fields&, const notice_fields&) = default;
};

struct error_response : notice_fields {
  static constexpr char type = 'E';
  void encode(writer& out) const;
  static decoded<error_response> decode(const_bytes body);
};

struct notice_response : notice_fields {
  static constexpr char type = 'N';
  void encode(writer& out) const;
  static decoded<notice_response> decode(const_bytes body);
};

}  // namespace ingestor::pg::wire
