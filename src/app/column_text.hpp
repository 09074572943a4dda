// The fields of a binary COPY row of `log` as text.
#pragma once

#include "base/bytes.hpp"

#include <cstddef>
#include <string>

namespace ingestor::app {

enum class column_kind { text, number, boolean, json };

/// What kind of value the column at this position of `log` holds.
column_kind kind_of(std::size_t column);

/// As the database would print it; timestamps in RFC 3339.
std::string column_text(std::size_t column, const_bytes field);

}  // namespace ingestor::app
