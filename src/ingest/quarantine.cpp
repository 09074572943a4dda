#include "ingest/quarantine.hpp"

#include "normalise/rejection.hpp"

#include <string>
#include <vector>

namespace ingestor::ingest {

namespace asio = boost::asio;

quarantine::quarantine(load_transaction& transaction, std::int64_t file_id, staging& spare)
    : transaction_{transaction}, file_id_{file_id}, spare_{spare} {
  spare_.begin(care::none);
}

asio::awaitable<result<copied, failure>> quarantine::copy(staging& from) {
  const auto start = std::chrono::steady_clock::now();
  const auto landed_before = landed_.rows;
  copied done{};
  done.bytes = from.rows.size();
  auto written = co_await copy_rows(from);
  if (written) written = co_await copy_rejects(from);
  spare_.clear();
  if (!written) co_return written.error();
  from.clear();
  done.rows = landed_.rows - landed_before;
  done.took = std::chrono::steady_clock::now() - start;
  co_return done;
}

asio::awaitable<result<void, failure>> quarantine::copy_rows(staging& from) {
  row_search search{from.rows.rows()};
  std::vector<std::size_t> offsets;
  while (const auto range = search.next()) {
    const bool all = range->size() == from.rows.rows();
    if (!all) {
      if (offsets.empty()) offsets = from.rows.row_offsets();
      spare_.rows.clear();
      spare_.rows.append_rows(from.rows, offsets, range->first, range->last);
    }
    auto& rows = all ? from.rows : spare_.rows;
    const auto sent = co_await attempt(rows);
    if (sent) {
      count_landed(from, *range);
      search.landed();
      continue;
    }
    if (sent.error().kind != failure_kind::rows) co_return sent.error();
    auto put_right = co_await undo();
    if (put_right && range->size() == 1) {
      put_right = co_await reject(range->first, sent.error().words, from);
    }
    if (!put_right) co_return put_right.error();
    search.refused();
  }
  co_return result<void, failure>{};
}

asio::awaitable<result<void, failure>> quarantine::attempt(pg::wire::copy_buffer& rows) {
  if (!at_savepoint_) {
    const auto set = co_await transaction_.set_savepoint();
    if (!set) co_return set.error();
  }
  at_savepoint_ = false;
  co_return co_await transaction_.send_rows(rows);
}

asio::awaitable<result<void, failure>> quarantine::undo() {
  const auto undone = co_await transaction_.go_back();
  if (!undone) co_return undone.error();
  at_savepoint_ = true;
  co_return result<void, failure>{};
}

asio::awaitable<result<void, failure>> quarantine::reject(std::size_t row, const std::string& words,
                                                          staging& from) {
  if (++refused_ > refused_rows_max) {
    co_return failure{failure_kind::file, stage::write,
                      "the database refused more than " + std::to_string(refused_rows_max) +
                          " rows, the last one with these words: " + words};
  }
  last_words_ = words;
  const auto line = from.lines[row];
  const normalise::rejection why{normalise::reject_code::refused_by_database, words};
  normalise::encode_rejection(file_id_, line.number, line.byte_offset, why, line.raw, from.rejects);
  if (from.rejects.size() < rejects_bytes_full) co_return result<void, failure>{};
  co_return co_await copy_rejects(from);
}

asio::awaitable<result<void, failure>> quarantine::copy_rejects(staging& from) {
  const auto sent = co_await transaction_.send_rejects(from.rejects);
  if (!sent) co_return sent.error();
  from.rejects.clear();
  from.rejects.shrink_to(staging::rejects_capacity);
  at_savepoint_ = false;
  co_return result<void, failure>{};
}

void quarantine::count_landed(const staging& from, row_range rows) {
  for (auto row = rows.first; row < rows.last; ++row) landed_.count(from.lines[row].outcome);
}

object_totals quarantine::settled(object_totals counted) const {
  static_cast<row_totals&>(counted) = landed_;
  counted.count_rejected(normalise::reject_code::refused_by_database, refused_);
  return counted;
}

}  // namespace ingestor::ingest
