#include "ingest/inspect.hpp"

#include "ingest/fill.hpp"

#include <utility>

namespace ingestor::ingest {
namespace {

namespace asio = boost::asio;

/// A ledger id for rows that have none.
constexpr std::int64_t no_file_id = 0;

std::int64_t int8_of(const_bytes field) {
  std::uint64_t value = 0;
  for (const auto byte : field) value = value << 8 | std::to_integer<std::uint8_t>(byte);
  return static_cast<std::int64_t>(value);
}

void keep_sample(inspection& into, const pg::wire::copy_buffer& rows,
                 std::uint64_t sample_rows_max) {
  if (into.sample.rows() >= sample_rows_max) return;
  pg::wire::copy_binary_reader reader{rows.bytes()};
  while (into.sample.rows() < sample_rows_max) {
    const auto row = reader.next();
    if (!row || row->empty()) return;
    into.sample.begin_row(static_cast<std::int16_t>(row->size()));
    for (const auto& field : *row) {
      if (field) {
        into.sample.bytea(*field);
      } else {
        into.sample.null();
      }
    }
  }
}

void keep_rejects(inspection& into, const pg::wire::copy_buffer& rejects) {
  pg::wire::copy_binary_reader reader{rejects.bytes()};
  while (into.rejects.size() < inspected_rejects_max) {
    const auto row = reader.next();
    if (!row || row->size() < 4) return;
    into.rejects.push_back(
        {int8_of(*(*row)[1]), int8_of(*(*row)[2]), std::string{as_text(*(*row)[3])}});
  }
}

}  // namespace

inspector::inspector(const decoder_terms& terms, std::uint64_t& rows_seen)
    : decoder_{terms}, rows_seen_{rows_seen} {}

asio::awaitable<result<inspection, failure>> inspector::read(byte_source& source,
                                                             std::uint64_t sample_rows_max) {
  inspection found;
  normalise::source from{};
  from.file_id = no_file_id;

  const auto opened = co_await source.open();
  if (!opened) co_return opened.error();
  from.last_modified = source.last_modified();
  decoder_.begin(from, object_format::json_lines);
  staged_.clear();
  for (auto state = filled::full; state == filled::full;) {
    const auto next = co_await fill(source, decoder_, from, staged_);
    if (!next) co_return next.error();
    state = *next;
    rows_seen_ += staged_.rows.rows();
    keep_sample(found, staged_.rows, sample_rows_max);
    keep_rejects(found, staged_.rejects);
    staged_.clear();
  }
  found.format = decoder_.format();
  found.compression = decoder_.compression();
  found.totals = decoder_.totals();
  co_return std::move(found);
}

asio::awaitable<result<inspection, failure>> inspect(byte_source& source,
                                                     const decoder_terms& terms,
                                                     std::uint64_t sample_rows_max) {
  std::uint64_t rows_seen = 0;
  inspector reader{terms, rows_seen};
  co_return co_await reader.read(source, sample_rows_max);
}

std::string_view name(object_format format) {
  return format == object_format::json_lines ? "json_lines" : "text";
}

}  // namespace ingestor::ingest
