// The fixed sizes of the pipeline. Together they are its memory, for each database connection:
//
//   one large file    2 × staging + decoder
//   a group of small  group_fetches_max × (staging + decoder) + 2 × staging
//
// where a staging is rows_bytes_full + rejects_bytes_full and one row more, and a decoder is
// INGESTOR_MAX_LINE and the S3 and inflate buffers. A file that is loaded with care takes a third
// staging, for the rows that are sent again, and beside two of them the lines: they count as rows
// until the staging is full, in buffers of at most twice their size, and are gone at the next load.
// So care adds less than 4 × rows_bytes_full. Where S3 is slower than this, parts of large objects
// are fetched ahead: s3::requester::parts_max × s3::read_ahead::part_bytes for the whole process,
// however many connections there are to the database. One row of JSON is at most about twice
// INGESTOR_MAX_LINE: the line as raw_data, and once more its parts. A row of text is at most three
// times it and 64 KiB: the line, and the line as a JSON string; what would be longer is rejected.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace ingestor::ingest {

/// Encoded rows at which a buffer is sent as one COPY, in bytes. Large enough that the 0.3 ms that
/// a COPY costs does not show, small enough that the next buffer fills while this one is copied. A
/// file of a group that fills a buffer by itself is loaded alone.
inline constexpr std::size_t rows_bytes_full = std::size_t{4} * 1024 * 1024;

/// The same for rejected lines.
inline constexpr std::size_t rejects_bytes_full = std::size_t{1} * 1024 * 1024;

/// Rows of one file that the database may refuse. Each costs a COPY of its own and some more, about
/// a millisecond; a table that refuses so many is made for other rows.
inline constexpr std::uint64_t refused_rows_max = 100'000;

/// Stored bytes up to which a file may join a group.
inline constexpr std::int64_t small_file_bytes_max = std::int64_t{256} * 1024;

/// Stored bytes of a group.
inline constexpr std::int64_t group_bytes_max = std::int64_t{8} * 1024 * 1024;

/// Files of a group that are fetched at the same time.
inline constexpr std::size_t group_fetches_max = 4;

/// One COPY of a full buffer; a database that takes longer is in trouble.
inline constexpr auto copy_timeout = std::chrono::minutes{2};

/// The statements around it.
inline constexpr auto statement_timeout = std::chrono::seconds{30};

/// BEGIN of a load that removes the rows of an earlier version first: as many as a large object
/// has, found among all that have their times.
inline constexpr auto clearing_timeout = std::chrono::minutes{15};

/// How long a fetcher waits for a database connection before it says so.
inline constexpr auto acquire_timeout = std::chrono::seconds{30};

}  // namespace ingestor::ingest
