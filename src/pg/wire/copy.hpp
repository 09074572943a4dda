// The sub-protocol of COPY. Source: PostgreSQL documentation, "COPY Operations".
#pragma once

#include "pg/wire/extended.hpp"
#include "pg/wire/malformed.hpp"
#include "pg/wire/writer.hpp"

#include <array>
#include <string_view>
#include <vector>

namespace ingestor::pg::wire {

/// CopyInResponse (G), CopyOutResponse (H) and CopyBothResponse (W) differ in their type alone.
template <char Type>
struct copy_response {
  static constexpr char type = Type;
  format overall = format::text;
  std::vector<format> columns;

  void encode(writer& out) const;
  static decoded<copy_response> decode(const_bytes body);
  friend bool operator==(const copy_response&, const copy_response&) = default;
};

using copy_in_response = copy_response<'G'>;
using copy_out_response = copy_response<'H'>;
using copy_both_response = copy_response<'W'>;

extern template struct copy_response<'G'>;
extern template struct copy_response<'H'>;
extern template struct copy_response<'W'>;

struct copy_data {
  static constexpr char type = 'd';
  const_bytes data;

  void encode(writer& out) const;
  static decoded<copy_data> decode(const_bytes body);
};

/// The header of a CopyData message whose payload is written from where it lies.
/// `payload_bytes` is at most message_bytes_max - 4.
std::array<std::byte, 5> copy_data_header(std::size_t payload_bytes);

using copy_done = empty_message<'c'>;

struct copy_fail {
  static constexpr char type = 'f';
  std::string_view reason;

  void encode(writer& out) const;
  static decoded<copy_fail> decode(const_bytes body);
  friend bool operator==(const copy_fail&, const copy_fail&) = default;
};

}  // namespace ingestor::pg::wire
