#include "ingest/file_source.hpp"

#include <cerrno>
#include <chrono>
#include <filesystem>
#include <system_error>
#include <utility>

namespace ingestor::ingest {

namespace asio = boost::asio;

file_source::file_source(std::string path) : path_{std::move(path)} {}

asio::awaitable<result<void, failure>> file_source::open() {
  std::error_code ignored;
  if (std::filesystem::is_directory(path_, ignored)) {
    co_return failure{failure_kind::file, stage::fetch, path_ + " is a directory; name a file"};
  }
  if (opened_ && !std::filesystem::is_regular_file(path_, ignored)) {
    co_return failure{failure_kind::file, stage::fetch,
                      path_ +
                          " is no regular file and cannot be read twice, which text needs; "
                          "save it to a file"};
  }
  file_ = std::ifstream{};
  errno = 0;
  file_.open(path_, std::ios::binary);
  if (!file_) {
    const auto why = errno == 0 ? std::string{"unknown error"}
                                : std::error_code{errno, std::generic_category()}.message();
    co_return failure{failure_kind::file, stage::fetch, "cannot open " + path_ + ": " + why};
  }
  opened_ = true;
  co_return result<void, failure>{};
}

timestamp file_source::last_modified() const {
  std::error_code unknown;
  const auto written = std::filesystem::last_write_time(path_, unknown);
  if (unknown) return {};
  return std::chrono::time_point_cast<std::chrono::microseconds>(
      std::chrono::file_clock::to_sys(written));
}

asio::awaitable<result<const_bytes, failure>> file_source::read() {
  file_.read(piece_.data(), static_cast<std::streamsize>(piece_.size()));
  if (file_.bad()) {
    co_return failure{failure_kind::file, stage::fetch, "cannot read " + path_};
  }
  co_return as_bytes({piece_.data(), static_cast<std::size_t>(file_.gcount())});
}

}  // namespace ingestor::ingest
