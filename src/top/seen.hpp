// What `top` knows at a moment.
#pragma once

#include "telemetry/ledger_figures.hpp"

#include <optional>
#include <string>

namespace ingestor::top {

struct seen {
  /// `s3://bucket/prefix`.
  std::string source;
  /// `host:port/name`; empty as long as there was no connection.
  std::string database;
  /// nullopt: nothing has been read yet.
  std::optional<telemetry::ledger_figures> figures;
  /// When the lists in them were read, on the database's clock; the counts may be older, and are of
  /// `taken_at`.
  timestamp at;
  /// Since the lists were read, in seconds.
  double age = 0;
  /// Why the ledger cannot be read at present; empty: it can.
  std::string trouble;
  /// Since when, and until it is tried again, in seconds.
  double trouble_lasts = 0;
  double next_try = 0;
};

}  // namespace ingestor::top
