// `log.id`: a UUIDv8 (RFC 9562, section 5.8) made of the file's ledger id and the line's number, so
// that a row names its origin and keeps its id however often its file is tried.
//
//   bits   0–47, 52–63   file id, 60 bits, most significant first
//   bits  48–51          version, 8
//   bits  64–65          variant, binary 10
//   bits  66–127         line number, 62 bits
//
// ingestor_file() and ingestor_line() of the schema take it apart. Sorted as PostgreSQL sorts
// uuids, rows are in the order of files, then of lines.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace ingestor::normalise {

/// `file_id` from 0 to 2^60 - 1, `line` below 2^62: more than a ledger or a file can reach.
std::array<std::byte, 16> line_id(std::int64_t file_id, std::uint64_t line);

}  // namespace ingestor::normalise
