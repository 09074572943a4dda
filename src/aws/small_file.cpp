#include "aws/small_file.hpp"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace ingestor::aws {
namespace {

class descriptor {
 public:
  explicit descriptor(int number) : number_{number} {}
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;
  ~descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  int number() const { return number_; }

 private:
  int number_;
};

small_file without(std::string problem) {
  return {std::nullopt, std::move(problem)};
}

small_file failed(int number) {
  if (number == ENOENT || number == ENOTDIR) return without("is not there");
  return without("cannot be read: " + std::generic_category().message(number));
}

}  // namespace

small_file read_small_file(const std::string& path, std::size_t bytes_max) {
  if (path.empty()) return without("is not known: there is no home directory");
  // Without O_NONBLOCK, opening a FIFO would wait for its writer.
  const descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (file.number() < 0) return failed(errno);
  struct stat about {};
  if (::fstat(file.number(), &about) != 0) return failed(errno);
  if (!S_ISREG(about.st_mode)) return without("is not a regular file");
  std::string text;
  std::array<char, 16'384> piece{};
  for (;;) {
    const auto count = ::read(file.number(), piece.data(), piece.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failed(errno);
    if (count == 0) return {std::move(text), {}};
    text.append(piece.data(), static_cast<std::size_t>(count));
    if (text.size() > bytes_max) {
      return without("is longer than " + std::to_string(bytes_max) + " bytes");
    }
  }
}

}  // namespace ingestor::aws
