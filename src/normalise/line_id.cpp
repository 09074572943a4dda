#include "normalise/line_id.hpp"

#include <cassert>

namespace ingestor::normalise {
namespace {

constexpr unsigned file_bits = 60;
constexpr unsigned line_bits = 62;
constexpr std::uint64_t version = 8;
constexpr std::uint64_t variant = 2;

void put(std::uint64_t word, std::byte* at) {
  for (unsigned i = 0; i < 8; ++i) at[i] = static_cast<std::byte>(word >> (56 - 8 * i) & 0xff);
}

}  // namespace

std::array<std::byte, 16> line_id(std::int64_t file_id, std::uint64_t line) {
  const auto file = static_cast<std::uint64_t>(file_id);
  assert(file >> file_bits == 0 && line >> line_bits == 0);
  std::array<std::byte, 16> id{};
  put((file >> 12) << 16 | version << 12 | (file & 0xfff), id.data());
  put(variant << line_bits | line, id.data() + 8);
  return id;
}

// A uuid's text is xxxxxxxx-xxxx-8xxx-yxxx-xxxxxxxxxxxx: the file's 15 digits are those before and
// after the version, the line's are the last 16 without the two bits of the variant.
const std::string_view uuid_functions_sql = R"sql(
create or replace function ingestor_file(id uuid) returns bigint
language sql immutable strict parallel safe
as $$
  select ('x' || substr(id::text, 1, 8) || substr(id::text, 10, 4) || substr(id::text, 16, 3))
         ::bit(60)::bigint
$$;

create or replace function ingestor_line(id uuid) returns bigint
language sql immutable strict parallel safe
as $$
  select ('x' || substr(id::text, 20, 4) || substr(id::text, 25, 12))::bit(64)::bigint
         & 4611686018427387903
$$;
)sql";

}  // namespace ingestor::normalise
