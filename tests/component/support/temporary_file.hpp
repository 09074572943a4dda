// A file of a test: a certificate that is trusted, say.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <unistd.h>

namespace ingestor::testing_support {

/// A file that is gone with its owner.
class temporary_file {
 public:
  explicit temporary_file(const std::string& text) {
    const int descriptor = ::mkstemp(path_.data());
    const auto written = ::write(descriptor, text.data(), text.size());
    ::close(descriptor);
    if (written != static_cast<ssize_t>(text.size())) throw std::runtime_error{"cannot write"};
  }
  temporary_file(const temporary_file&) = delete;
  temporary_file& operator=(const temporary_file&) = delete;
  ~temporary_file() { std::remove(path_.c_str()); }

  const std::string& path() const { return path_; }

 private:
  std::string path_ = "/tmp/ingestor-test-XXXXXX";
};

}  // namespace ingestor::testing_support
