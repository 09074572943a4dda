#include "ingest/inspect_survey.hpp"

#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <utility>

namespace ingestor::ingest {
namespace {

namespace asio = boost::asio;

// Adds to a sum what has been read for the first time: text is begun twice.
class counted_source : public byte_source {
 public:
  counted_source(std::unique_ptr<byte_source> from, std::uint64_t& sum)
      : from_{std::move(from)}, sum_{sum} {}

  asio::awaitable<result<void, failure>> open() override {
    read_ = 0;
    return from_->open();
  }

  timestamp last_modified() const override { return from_->last_modified(); }

  asio::awaitable<result<const_bytes, failure>> read() override {
    const auto piece = co_await from_->read();
    if (!piece) co_return piece.error();
    read_ += piece->size();
    if (read_ > counted_) sum_ += read_ - std::exchange(counted_, read_);
    co_return *piece;
  }

 private:
  std::unique_ptr<byte_source> from_;
  std::uint64_t& sum_;
  std::uint64_t read_ = 0;
  std::uint64_t counted_ = 0;
};

template <class T>
void keep_in_order(std::vector<T>& list, T item, std::size_t items_max) {
  if (list.size() == items_max && list.back().number <= item.number) return;
  const auto behind = std::ranges::upper_bound(list, item.number, {}, &T::number);
  list.insert(behind, std::move(item));
  if (list.size() > items_max) list.pop_back();
}

void add(object_totals& sum, const object_totals& of) {
  sum.rows += of.rows;
  sum.lines_rejected += of.lines_rejected;
  sum.bytes_compressed += of.bytes_compressed;
  sum.bytes_inflated += of.bytes_inflated;
  for (std::size_t i = 0; i < of.rejected_by_code.size(); ++i) {
    sum.rejected_by_code.at(i) += of.rejected_by_code.at(i);
  }
}

}  // namespace

surveyor::surveyor(const asio::any_io_executor& executor, file_walk& walk,
                   const decoder_terms& terms, std::uint64_t sample_rows_max)
    : walk_{walk},
      counted_{walk.again()},
      walking_{executor},
      terms_{terms},
      sample_rows_max_{sample_rows_max},
      tasks_{executor} {}

asio::awaitable<std::optional<failure>> surveyor::run() {
  tasks_.spawn(count());
  // The sample is that of the first files, so they are read one by one until it is complete.
  start_readers(sample_rows_max_ == 0 ? survey_readers : 1);
  co_await tasks_.join();
  co_return ended_by_;
}

void surveyor::stop() {
  stopping_ = true;
  tasks_.cancel();
}

void surveyor::start_readers(std::size_t count) {
  for (; readers_ < count; ++readers_) tasks_.spawn(read_files());
}

// Ahead of the reading: who waits wants to know for how long. An error is met by the readers too.
asio::awaitable<void> surveyor::count() {
  for (;;) {
    const auto found = co_await counted_->next();
    if (!found || stopping_) co_return;
    if (!*found) break;
    ++seen_.files_listed;
    seen_.bytes_listed += (*found)->bytes;
  }
  seen_.listed_all = true;
}

asio::awaitable<std::optional<surveyor::turn>> surveyor::next() {
  const auto lock = co_await walking_.lock();
  if (stopping_) co_return std::nullopt;
  auto found = co_await walk_.next();
  if (stopping_) co_return std::nullopt;
  if (!found) {
    end_by(found.error());
    co_return std::nullopt;
  }
  if (!*found) co_return std::nullopt;
  turn out{turns_++, std::move(**found)};
  co_return out;
}

asio::awaitable<void> surveyor::read_files() {
  inspector reader{terms_, seen_.rows_seen};
  for (;;) {
    auto read = co_await next();
    if (!read) co_return;
    if (read->file.unreadable) {
      refuse(*read, *read->file.unreadable);
      continue;
    }
    counted_source source{walk_.source_of(read->file), seen_.bytes_taken};
    const auto wanted = sample_rows_max_ - std::min(sample_rows_max_, seen_.sample.rows());
    auto found = co_await reader.read(source, wanted);
    if (stopping_) co_return;
    if (found) {
      take(*read, std::move(*found));
    } else if (found.error().kind == failure_kind::s3) {
      end_by(found.error());
      co_return;
    } else {
      refuse(*read, found.error());
    }
    if (seen_.sample.rows() >= sample_rows_max_) start_readers(survey_readers);
  }
}

void surveyor::take(const turn& read, inspection found) {
  ++seen_.files_read;
  ++seen_.formats[std::string{name(found.format)}];
  // An empty file has none to tell.
  ++seen_.compressions[found.compression.empty() ? "none" : found.compression];
  add(seen_.totals, found.totals);
  seen_.sample.append_rows(found.sample);
  for (auto& reject : found.rejects) {
    keep_in_order(seen_.rejects, {read.number, read.file.name, std::move(reject)},
                  inspected_rejects_max);
  }
}

void surveyor::refuse(const turn& read, failure why) {
  ++seen_.files_unreadable;
  keep_in_order(seen_.unreadable, {read.number, read.file.name, std::move(why)},
                unreadable_files_max);
}

void surveyor::end_by(failure why) {
  ended_by_ = std::move(why);
  stop();
}

}  // namespace ingestor::ingest
