// Reads many objects as ingestion would, and writes nothing.
#pragma once

#include "ingest/async_mutex.hpp"
#include "ingest/inspect.hpp"
#include "ingest/inspect_walk.hpp"
#include "ingest/task_group.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace ingestor::ingest {

/// Unreadable files that are named; all are counted.
inline constexpr std::size_t unreadable_files_max = 100;

/// Files that are read at the same time, since most of the time of a small one is S3's.
inline constexpr std::size_t survey_readers = 4;

struct unreadable_file {
  /// In the order of the walk.
  std::uint64_t number = 0;
  std::string name;
  failure why;
};

struct surveyed_reject {
  std::uint64_t number = 0;
  std::string name;
  inspected_reject what;
};

/// What has been read, at any time of it.
struct survey {
  /// Counted ahead of the reading; complete once it is known.
  std::uint64_t files_listed = 0;
  std::uint64_t bytes_listed = 0;
  bool listed_all = false;

  std::uint64_t files_read = 0;
  std::uint64_t files_unreadable = 0;
  /// Of those under way, too.
  std::uint64_t bytes_taken = 0;
  std::uint64_t rows_seen = 0;

  /// Of the files that were read; by name.
  std::map<std::string, std::uint64_t, std::less<>> formats;
  std::map<std::string, std::uint64_t, std::less<>> compressions;
  object_totals totals;
  /// The first of the files; as inspection holds them.
  pg::wire::copy_buffer sample;
  /// In the walk's order, at most inspected_rejects_max and unreadable_files_max.
  std::vector<surveyed_reject> rejects;
  std::vector<unreadable_file> unreadable;
};

class surveyor {
 public:
  /// `walk` must outlive it.
  surveyor(const boost::asio::any_io_executor& executor, file_walk& walk,
           const decoder_terms& terms, std::uint64_t sample_rows_max);

  /// Until all is read, or stop(). Returns why it ended before: what is no fault of one file.
  boost::asio::awaitable<std::optional<failure>> run();

  /// Ends it at once; what is under way is forgotten.
  void stop();

  const survey& seen() const { return seen_; }

 private:
  struct turn {
    std::uint64_t number = 0;
    walked_file file;
  };

  boost::asio::awaitable<void> count();
  boost::asio::awaitable<void> read_files();
  boost::asio::awaitable<std::optional<turn>> next();
  void start_readers(std::size_t count);
  void take(const turn& read, inspection found);
  void refuse(const turn& read, failure why);
  void end_by(failure why);

  file_walk& walk_;
  std::unique_ptr<file_walk> counted_;
  async_mutex walking_;
  decoder_terms terms_;
  std::uint64_t sample_rows_max_;
  std::size_t readers_ = 0;
  std::uint64_t turns_ = 0;
  bool stopping_ = false;
  std::optional<failure> ended_by_;
  survey seen_;
  task_group tasks_;
};

}  // namespace ingestor::ingest
