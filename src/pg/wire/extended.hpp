// The extended query protocol: Parse, Bind, Describe, Execute, Close, Sync, and what answers them.
// Source: PostgreSQL documentation, "Extended Query", "Message Formats".
#pragma once

#include "pg/wire/empty_message.hpp"
#include "pg/wire/malformed.hpp"
#include "pg/wire/types/oid.hpp"
#include "pg/wire/writer.hpp"

#include <optional>
#include <string_view>
#include <vector>

namespace ingestor::pg::wire {

enum class format : std::int16_t { text = 0, binary = 1 };

/// What Describe and Close speak of.
enum class target : char { statement = 'S', portal = 'P' };

struct parse {
  static constexpr char type = 'P';
  std::string_view statement;
  std::string_view sql;
  std::vector<oid> parameter_types;

  void encode(writer& out) const;
  static decoded<parse> decode(const_bytes body);
  friend bool operator==(const parse&, const parse&) = default;
};

struct bind {
  static constexpr char type = 'B';
  std::string_view portal;
  std::string_view statement;
  /// None: all text. One: for all. Else one each. So it is for results.
  std::vector<format> parameter_formats;
  std::vector<std::optional<const_bytes>> parameters;
  std::vector<format> result_formats;

  void encode(writer& out) const;
  static decoded<bind> decode(const_bytes body);
};

struct describe {
  static constexpr char type = 'D';
  target what = target::portal;
  std::string_view name;

  void encode(writer& out) const;
  static decoded<describe> decode(const_bytes body);
  friend bool operator==(const describe&, const describe&) = default;
};

struct execute {
  static constexpr char type = 'E';
  std::string_view portal;
  /// 0: all rows.
  std::int32_t rows_max = 0;

  void encode(writer& out) const;
  static decoded<execute> decode(const_bytes body);
  friend bool operator==(const execute&, const execute&) = default;
};

struct close {
  static constexpr char type = 'C';
  target what = target::statement;
  std::string_view name;

  void encode(writer& out) const;
  static decoded<close> decode(const_bytes body);
  friend bool operator==(const close&, const close&) = default;
};

using sync = empty_message<'S'>;
using flush = empty_message<'H'>;
using parse_complete = empty_message<'1'>;
using bind_complete = empty_message<'2'>;
using close_complete = empty_message<'3'>;
using no_data = empty_message<'n'>;
using portal_suspended = empty_message<'s'>;

}  // namespace ingestor::pg::wire
