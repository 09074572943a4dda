// The simple query protocol: a string of statements, and the end of each.
// Source: PostgreSQL documentation, "Simple Query".
#pragma once

#include "pg/wire/empty_message.hpp"
#include "pg/wire/malformed.hpp"
#include "pg/wire/writer.hpp"

#include <string_view>

namespace ingestor::pg::wire {

struct query {
  static constexpr char type = 'Q';
  std::string_view sql;

  void encode(writer& out) const;
  static decoded<query> decode(const_bytes body);
  friend bool operator==(const query&, const query&) = default;
};

struct command_complete {
  static constexpr char type = 'C';
  /// "INSERT 0 5", "COPY 7", "BEGIN" …
  std::string_view tag;

  void encode(writer& out) const;
  static decoded<command_complete> decode(const_bytes body);
  friend bool operator==(const command_complete&, const command_complete&) = default;
};

/// Stands where CommandComplete would when the string holds no statement.
using empty_query_response = empty_message<'I'>;

/// The number of rows that a command tag ends with; 0 when it names none.
std::uint64_t rows_of(std::string_view command_tag);

}  // namespace ingestor::pg::wire
