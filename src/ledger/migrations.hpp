// The schema as numbered steps. A step that has shipped is never edited: what changes is a new one.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace ingestor::ledger {

struct migration {
  std::int32_t version;
  std::string_view name;
  /// Several statements, run in one transaction. The setting `ingestor.chunk_interval` (an interval
  /// as text) is there for the step that makes the hypertable.
  std::string_view sql;
};

/// In the order they are applied; versions are 1, 2, 3 ….
std::span<const migration> migrations();

}  // namespace ingestor::ledger
