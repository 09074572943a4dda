// A file of this machine, for inspect.
#pragma once

#include "ingest/byte_source.hpp"

#include <array>
#include <cstddef>
#include <fstream>
#include <string>

namespace ingestor::ingest {

class file_source : public byte_source {
 public:
  explicit file_source(std::string path);

  /// What is no regular file (a pipe) gives its bytes once: a second open() fails.
  boost::asio::awaitable<result<void, failure>> open() override;
  timestamp last_modified() const override;
  boost::asio::awaitable<result<const_bytes, failure>> read() override;

 private:
  static constexpr std::size_t piece_bytes = std::size_t{64} * 1024;

  std::string path_;
  std::ifstream file_;
  bool opened_ = false;
  std::array<char, piece_bytes> piece_{};
};

}  // namespace ingestor::ingest
