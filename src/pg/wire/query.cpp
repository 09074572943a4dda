#include "pg/wire/query.hpp"

#include "pg/wire/reader.hpp"

#include <charconv>

namespace ingestor::pg::wire {

void query::encode(writer& out) const {
  out.begin(type);
  out.c_string(sql);
  out.end();
}

decoded<query> query::decode(const_bytes body) {
  reader in{body};
  const auto sql = in.c_string();
  return in.finish("Query", query{sql});
}

void command_complete::encode(writer& out) const {
  out.begin(type);
  out.c_string(tag);
  out.end();
}

decoded<command_complete> command_complete::decode(const_bytes body) {
  reader in{body};
  const auto tag = in.c_string();
  return in.finish("CommandComplete", command_complete{tag});
}

std::uint64_t rows_of(std::string_view command_tag) {
  const auto space = command_tag.rfind(' ');
  if (space == std::string_view::npos) return 0;
  const auto digits = command_tag.substr(space + 1);
  std::uint64_t rows = 0;
  const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), rows);
  return failure == std::errc{} && end == digits.data() + digits.size() ? rows : 0;
}

}  // namespace ingestor::pg::wire
