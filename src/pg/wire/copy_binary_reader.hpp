// Reads the rows of a binary COPY stream back: the other direction of copy_buffer.
// Source: PostgreSQL documentation, "COPY", section "Binary Format".
#pragma once

#include "base/bytes.hpp"
#include "base/result.hpp"

#include <optional>
#include <vector>

namespace ingestor::pg::wire {

/// One field as it stands in the stream; nothing for NULL.
using copy_field = std::optional<const_bytes>;

/// Why the bytes are not a binary COPY stream.
enum class copy_malformed { header, field_count, field_length, cut_short };

class copy_binary_reader {
 public:
  /// `stream` begins with the header and must outlive this and every row it gave.
  explicit copy_binary_reader(const_bytes stream);

  /// The next row; an empty one at the trailer, or where the stream ends between two rows.
  ingestor::result<std::vector<copy_field>, copy_malformed> next();

 private:
  const_bytes rest_;
  bool header_read_ = false;
};

}  // namespace ingestor::pg::wire
