#include "pg/fsm/statement.hpp"

#include "pg/wire/extended.hpp"

namespace ingestor::pg::fsm {
namespace {

void encode(const statement& each, wire::writer& out) {
  wire::parse parse{"", each.sql, {}};
  wire::bind bind{"", "", {wire::format::binary}, {}, {}};
  for (const auto& parameter : each.parameters) {
    parse.parameter_types.push_back(parameter.type);
    bind.parameters.emplace_back(parameter.value ? std::optional<const_bytes>{*parameter.value}
                                                 : std::nullopt);
  }
  // Rows that nobody reads come as text: there are types without a binary form.
  if (!each.result_types.empty()) bind.result_formats.push_back(wire::format::binary);
  parse.encode(out);
  bind.encode(out);
  wire::describe{wire::target::portal, ""}.encode(out);
  wire::execute{"", 0}.encode(out);
}

}  // namespace

void encode_pipeline(std::span<const statement> statements, wire::writer& out) {
  for (const auto& each : statements) encode(each, out);
  wire::sync{}.encode(out);
}

}  // namespace ingestor::pg::fsm
