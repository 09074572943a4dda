#include "pg/password_file.hpp"

#include "pg/fsm/password_file.hpp"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <string>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace ingestor::pg {
namespace {

class descriptor {
 public:
  explicit descriptor(const std::string& path)
      : number_{open(path.c_str(), O_RDONLY | O_CLOEXEC)} {}
  ~descriptor() {
    if (number_ >= 0) close(number_);
  }
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;

  int number() const { return number_; }

 private:
  int number_;
};

struct contents {
  std::string text;
  /// Why there are none.
  std::string refusal;
};

contents refused(std::string_view why) {
  return {{}, std::string{why}};
}

contents failed() {
  return refused("cannot be read: " + std::generic_category().message(errno));
}

contents read_all(int file) {
  contents found;
  std::array<char, 4096> part{};
  while (found.text.size() <= passfile_bytes_max) {
    const auto bytes = read(file, part.data(), part.size());
    if (bytes < 0) return failed();
    if (bytes == 0) return found;
    found.text.append(part.data(), static_cast<std::size_t>(bytes));
  }
  return refused("is longer than any password file");
}

// Asked of the file that was opened, so that it cannot be another one by then.
contents read_password_file(const std::string& path) {
  struct stat status {};
  // Opening anything else, such as a pipe, might wait.
  if (stat(path.c_str(), &status) != 0) return failed();
  if (!S_ISREG(status.st_mode)) return refused("is not a plain file");
  const descriptor file{path};
  if (file.number() < 0 || fstat(file.number(), &status) != 0) return failed();
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return refused("is not used because its group or others have rights to it: chmod 0600");
  }
  return read_all(file.number());
}

}  // namespace

void add_password(connection_options& options, const server_address& server) {
  if (!options.password.empty() || options.passfile.empty()) return;
  const auto found = read_password_file(options.passfile);
  const auto name = "the password file " + options.passfile + " ";
  if (!found.refusal.empty()) {
    options.password_remark = name + found.refusal;
    return;
  }
  auto password = fsm::find_password(found.text, server, options.database, options.user);
  if (password) {
    options.password = std::move(*password);
  } else {
    options.password_remark = name + "has no line for this server, database and user";
  }
}

}  // namespace ingestor::pg
