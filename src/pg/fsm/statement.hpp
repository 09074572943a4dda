// A statement as it is handed to a connection, and its messages.
#pragma once

#include "pg/wire/malformed.hpp"
#include "pg/wire/types/oid.hpp"
#include "pg/wire/types/parameter.hpp"
#include "pg/wire/writer.hpp"

#include <span>
#include <string_view>
#include <vector>

namespace ingestor::pg {

/// The views must outlive the operation that takes the statement.
struct statement {
  /// Appears in errors; never sent.
  std::string_view name;
  /// One statement with $1, $2 … for its parameters.
  std::string_view sql;
  std::vector<wire::parameter> parameters;
  /// The types of the columns that the caller reads. What the server describes is compared with
  /// them, and every field checked. Empty: rows are neither expected nor kept.
  std::vector<wire::oid> result_types;
};

namespace fsm {

/// Parse, Bind, Describe and Execute for each, then one Sync. Everything is unnamed, so nothing is
/// left in a session that a pooler gives to somebody else afterwards.
void encode_pipeline(std::span<const statement> statements, wire::writer& out);

}  // namespace fsm
}  // namespace ingestor::pg
