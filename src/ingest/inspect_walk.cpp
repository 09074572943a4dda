#include "ingest/inspect_walk.hpp"

#include "ingest/file_source.hpp"
#include "ingest/s3_source.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <system_error>
#include <utility>

namespace ingestor::ingest {
namespace {

namespace asio = boost::asio;

using next_file = result<std::optional<walked_file>, failure>;

failure unreadable_folder(const std::string& why) {
  return {failure_kind::file, stage::fetch, "cannot read the folder: " + why};
}

}  // namespace

s3_walk::s3_walk(s3::client& client, std::string prefix)
    : client_{client}, prefix_{std::move(prefix)} {}

asio::awaitable<next_file> s3_walk::next() {
  for (;;) {
    while (page_ && at_ < page_->objects.size()) {
      const auto& object = page_->objects[at_++];
      if (object.key.ends_with('/') && object.size == 0) continue;
      walked_file file{object.key, static_cast<std::uint64_t>(object.size)};
      co_return std::optional{std::move(file)};
    }
    if (page_ && page_->next.empty()) co_return std::optional<walked_file>{};
    const auto from = page_ ? page_->next : s3::list_position{};
    auto page = co_await client_.list_objects_v2(prefix_, from);
    if (!page) co_return from_s3(page.error());
    page_ = std::move(*page);
    at_ = 0;
  }
}

std::unique_ptr<byte_source> s3_walk::source_of(const walked_file& file) {
  // Whichever version is there by now.
  return std::make_unique<s3_source>(client_, file.name, std::string{});
}

std::unique_ptr<file_walk> s3_walk::again() const {
  return std::make_unique<s3_walk>(client_, prefix_);
}

folder_walk::folder_walk(std::string path) : path_{std::move(path)} {}

asio::awaitable<next_file> folder_walk::next() {
  // Nothing here waits, and the loop is for others too.
  const auto executor = co_await asio::this_coro::executor;
  co_await asio::post(executor, asio::use_awaitable);
  if (!std::exchange(entered_, true)) {
    if (auto closed = enter(path_)) co_return closed;
  }
  while (!levels_.empty()) {
    if (auto found = step()) co_return found;
  }
  co_return std::optional<walked_file>{};
}

std::optional<walked_file> folder_walk::step() {
  auto& level = levels_.back();
  if (level == std::filesystem::directory_iterator{}) {
    levels_.pop_back();
    return std::nullopt;
  }
  const auto entry = *level;
  std::error_code failed;
  level.increment(failed);
  if (failed) {
    levels_.pop_back();
    return walked_file{entry.path().parent_path(), 0, unreadable_folder(failed.message())};
  }
  std::error_code ignored;
  if (entry.is_directory(ignored) && !entry.is_symlink(ignored)) return enter(entry.path());
  if (!entry.is_regular_file(ignored)) return std::nullopt;
  const auto bytes = entry.file_size(ignored);
  return walked_file{entry.path(), ignored ? 0 : bytes};
}

std::optional<walked_file> folder_walk::enter(const std::filesystem::path& folder) {
  if (levels_.size() == levels_max) {
    return walked_file{folder, 0, unreadable_folder("there are too many above it")};
  }
  std::error_code failed;
  std::filesystem::directory_iterator level{folder, failed};
  if (failed) return walked_file{folder, 0, unreadable_folder(failed.message())};
  levels_.push_back(std::move(level));
  return std::nullopt;
}

std::unique_ptr<byte_source> folder_walk::source_of(const walked_file& file) {
  return std::make_unique<file_source>(file.name);
}

std::unique_ptr<file_walk> folder_walk::again() const {
  return std::make_unique<folder_walk>(path_);
}

}  // namespace ingestor::ingest
