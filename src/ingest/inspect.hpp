// Reads an object as ingestion would, and writes nothing.
#pragma once

#include "ingest/byte_source.hpp"
#include "ingest/object_decoder.hpp"
#include "pg/wire/copy_binary_reader.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ingestor::ingest {

/// As users see it.
std::string_view name(object_format format);

/// How many rejected lines are shown with their reasons; all are counted.
inline constexpr std::size_t inspected_rejects_max = 100;

struct inspected_reject {
  std::int64_t line = 0;
  std::int64_t byte_offset = 0;
  std::string reason;
};

struct inspection {
  object_format format = object_format::json_lines;
  std::string compression;
  object_totals totals;
  std::vector<inspected_reject> rejects;
  /// The first rows as COPY data, header included; read them with pg::wire::copy_binary_reader.
  pg::wire::copy_buffer sample;
};

/// Reads one object after the other; buffers are kept from the one before.
class inspector {
 public:
  /// `rows_seen` grows while an object is read, by those of one that fails too; it must outlive
  /// this.
  inspector(const decoder_terms& terms, std::uint64_t& rows_seen);

  /// `source` must outlive the call.
  boost::asio::awaitable<result<inspection, failure>> read(byte_source& source,
                                                           std::uint64_t sample_rows_max);

 private:
  object_decoder decoder_;
  staging staged_;
  std::uint64_t& rows_seen_;
};

/// One object; `source` must outlive the call.
boost::asio::awaitable<result<inspection, failure>> inspect(byte_source& source,
                                                            const decoder_terms& terms,
                                                            std::uint64_t sample_rows_max);

}  // namespace ingestor::ingest
