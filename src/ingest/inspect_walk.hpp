// Files to inspect, one after the other: the objects below a prefix, the files below a folder.
#pragma once

#include "base/result.hpp"
#include "ingest/byte_source.hpp"
#include "ingest/failure.hpp"
#include "s3/client.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace ingestor::ingest {

struct walked_file {
  /// Its key or its path.
  std::string name;
  /// As stored.
  std::uint64_t bytes = 0;
  /// Why it cannot be opened; a folder that cannot be read is such a file.
  std::optional<failure> unreadable = std::nullopt;
};

/// Holds a page of it, or a folder of each level, however many files there are.
class file_walk {
 public:
  file_walk() = default;
  file_walk(const file_walk&) = delete;
  file_walk& operator=(const file_walk&) = delete;
  virtual ~file_walk() = default;

  /// nullopt: there are no more. One call at a time.
  virtual boost::asio::awaitable<result<std::optional<walked_file>, failure>> next() = 0;
  virtual std::unique_ptr<byte_source> source_of(const walked_file& file) = 0;
  /// The same walk from its beginning.
  virtual std::unique_ptr<file_walk> again() const = 0;
};

/// In the order of their keys. "Folders" of consoles, empty and with a slash at the end, are none.
class s3_walk : public file_walk {
 public:
  /// `client` must outlive this and its sources.
  s3_walk(s3::client& client, std::string prefix);

  boost::asio::awaitable<result<std::optional<walked_file>, failure>> next() override;
  std::unique_ptr<byte_source> source_of(const walked_file& file) override;
  std::unique_ptr<file_walk> again() const override;

 private:
  s3::client& client_;
  std::string prefix_;
  std::optional<s3::list_page> page_;
  std::size_t at_ = 0;
};

/// Regular files in the folder's own order; links to folders are not followed.
class folder_walk : public file_walk {
 public:
  /// Deeper ones are told as unreadable: each level holds a descriptor.
  static constexpr std::size_t levels_max = 128;

  explicit folder_walk(std::string path);

  boost::asio::awaitable<result<std::optional<walked_file>, failure>> next() override;
  std::unique_ptr<byte_source> source_of(const walked_file& file) override;
  std::unique_ptr<file_walk> again() const override;

 private:
  std::optional<walked_file> step();
  std::optional<walked_file> enter(const std::filesystem::path& folder);

  std::string path_;
  bool entered_ = false;
  std::vector<std::filesystem::directory_iterator> levels_;
};

}  // namespace ingestor::ingest
