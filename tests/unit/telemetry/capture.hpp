// A pipe in place of stderr, for tests.
#pragma once

#include <array>
#include <fcntl.h>
#include <stdexcept>
#include <string>
#include <unistd.h>

namespace ingestor::telemetry {

class capture {
 public:
  capture() {
    if (pipe2(ends_.data(), O_CLOEXEC) != 0) throw std::runtime_error{"pipe2"};
    fcntl(ends_[0], F_SETFL, O_NONBLOCK);
  }
  ~capture() {
    close_reader();
    close(ends_[1]);
  }
  capture(const capture&) = delete;
  capture& operator=(const capture&) = delete;

  int fd() const { return ends_[1]; }

  /// What was written since the last call.
  std::string text() const {
    std::string out;
    std::array<char, 65536> piece{};
    for (;;) {
      const auto got = read(ends_[0], piece.data(), piece.size());
      if (got <= 0) return out;
      out.append(piece.data(), static_cast<std::size_t>(got));
    }
  }

  void close_reader() {
    if (ends_[0] >= 0) close(ends_[0]);
    ends_[0] = -1;
  }

 private:
  std::array<int, 2> ends_{-1, -1};
};

}  // namespace ingestor::telemetry
