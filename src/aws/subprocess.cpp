#include "aws/subprocess.hpp"

#include "http/awaiting.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <memory>
#include <optional>
#include <spawn.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace ingestor::aws {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using boost::system::error_code;
using std::chrono::steady_clock;

constexpr std::size_t out_bytes_max = std::size_t{64} * 1024;
constexpr std::size_t err_bytes_max = 300;
/// How often it is asked whether it has ended.
constexpr auto poll_interval = 10ms;
/// For the rest of its output once it has ended.
constexpr auto drain_time = 200ms;

/// A child and its process group, which do not outlive this.
class child {
 public:
  explicit child(pid_t pid) : pid_{pid} {}
  child(const child&) = delete;
  child& operator=(const child&) = delete;
  ~child() {
    if (status_) return;
    ::kill(-pid_, SIGKILL);
    int ignored = 0;
    // Killed, it ends now.
    while (::waitpid(pid_, &ignored, 0) < 0 && errno == EINTR) {
    }
  }

  /// Its status once it has ended.
  std::optional<int> ended() {
    int status = 0;
    if (!status_ && ::waitpid(pid_, &status, WNOHANG) == pid_) status_ = status;
    return status_;
  }

 private:
  pid_t pid_;
  std::optional<int> status_;
};

/// What comes out of one pipe. Its reading outlives the coroutine by a handler, so it is shared.
struct capture : std::enable_shared_from_this<capture> {
  capture(const asio::any_io_executor& executor, int descriptor, std::size_t kept_max,
          std::shared_ptr<asio::steady_timer> changes)
      : from{executor, descriptor}, bytes_max{kept_max}, changed{std::move(changes)} {}

  void read() {
    from.async_read_some(asio::buffer(piece),
                         [self = shared_from_this()](error_code failed, std::size_t count) {
                           self->take(failed, count);
                         });
  }

  void take(error_code failed, std::size_t count) {
    const auto room = bytes_max - text.size();
    const bool was_too_long = std::exchange(too_long, too_long || count > room);
    text.append(piece.data(), std::min(count, room));
    at_end = static_cast<bool>(failed);
    if (at_end || too_long != was_too_long) changed->cancel();
    if (!at_end) read();
  }

  asio::posix::stream_descriptor from;
  std::size_t bytes_max;
  std::shared_ptr<asio::steady_timer> changed;
  std::array<char, 4096> piece{};
  std::string text;
  bool at_end = false;
  bool too_long = false;
};

/// A pipe whose ends are closed with it, unless they are taken out before.
class pipe_ends {
 public:
  pipe_ends() {
    std::array<int, 2> ends{-1, -1};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) failed_ = errno;
    read_ = ends[0];
    write_ = ends[1];
  }
  pipe_ends(const pipe_ends&) = delete;
  pipe_ends& operator=(const pipe_ends&) = delete;
  ~pipe_ends() {
    if (read_ >= 0) ::close(read_);
    if (write_ >= 0) ::close(write_);
  }

  /// 0, or an errno.
  int failed() const { return failed_; }
  int write() const { return write_; }
  int take_read() { return std::exchange(read_, -1); }

 private:
  int failed_ = 0;
  int read_ = -1;
  int write_ = -1;
};

class file_actions {
 public:
  file_actions() { ::posix_spawn_file_actions_init(&value_); }
  file_actions(const file_actions&) = delete;
  file_actions& operator=(const file_actions&) = delete;
  ~file_actions() { ::posix_spawn_file_actions_destroy(&value_); }
  posix_spawn_file_actions_t* get() { return &value_; }

 private:
  posix_spawn_file_actions_t value_{};
};

class spawn_attributes {
 public:
  spawn_attributes() { ::posix_spawnattr_init(&value_); }
  spawn_attributes(const spawn_attributes&) = delete;
  spawn_attributes& operator=(const spawn_attributes&) = delete;
  ~spawn_attributes() { ::posix_spawnattr_destroy(&value_); }
  posix_spawnattr_t* get() { return &value_; }

 private:
  posix_spawnattr_t value_{};
};

/// A group of its own, and signals as a program expects them: this one may ignore SIGPIPE.
void set_up(spawn_attributes& attributes) {
  sigset_t none;
  sigset_t all;
  ::sigemptyset(&none);
  ::sigfillset(&all);
  ::posix_spawnattr_setpgroup(attributes.get(), 0);
  ::posix_spawnattr_setsigmask(attributes.get(), &none);
  ::posix_spawnattr_setsigdefault(attributes.get(), &all);
  ::posix_spawnattr_setflags(
      attributes.get(), POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
}

struct start_outcome {
  pid_t pid = 0;
  int failed = 0;  ///< an errno
};

start_outcome start(std::vector<std::string>& words, const pipe_ends& out, const pipe_ends& err) {
  if (out.failed() != 0 || err.failed() != 0) return {0, std::max(out.failed(), err.failed())};
  file_actions actions;
  ::posix_spawn_file_actions_addopen(actions.get(), STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_adddup2(actions.get(), out.write(), STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(actions.get(), err.write(), STDERR_FILENO);
  // Sockets to the database and to S3 are nothing to it.
  ::posix_spawn_file_actions_addclosefrom_np(actions.get(), STDERR_FILENO + 1);
  spawn_attributes attributes;
  set_up(attributes);
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (auto& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  start_outcome outcome{};
  outcome.failed = ::posix_spawnp(&outcome.pid, arguments.front(), actions.get(), attributes.get(),
                                  arguments.data(), environ);
  return outcome;
}

/// A program that runs, and what it has printed so far.
struct running {
  running(const asio::any_io_executor& executor, pid_t pid, int out_pipe, int err_pipe)
      : program{pid},
        changed{std::make_shared<asio::steady_timer>(executor)},
        out{std::make_shared<capture>(executor, out_pipe, out_bytes_max, changed)},
        err{std::make_shared<capture>(executor, err_pipe, err_bytes_max, changed)} {
    out->read();
    err->read();
  }
  running(const running&) = delete;
  running& operator=(const running&) = delete;
  ~running() {
    error_code ignored;
    out->from.close(ignored);
    err->from.close(ignored);
  }

  child program;
  std::shared_ptr<asio::steady_timer> changed;
  std::shared_ptr<capture> out;
  std::shared_ptr<capture> err;
};

asio::awaitable<result<process_output>> wait_for(running& run, steady_clock::time_point deadline) {
  std::optional<steady_clock::time_point> drained;
  for (;;) {
    const auto now = steady_clock::now();
    if (run.out->too_long) {
      co_return error{error_kind::refused, "it printed more than 64 KiB"};
    }
    if (const auto status = run.program.ended()) {
      if (!drained) drained = now + drain_time;
      if ((run.out->at_end && run.err->at_end) || now >= *drained) {
        co_return process_output{*status, std::move(run.out->text), std::move(run.err->text)};
      }
    }
    if (now >= deadline) co_return error{error_kind::unreachable, "it took too long"};
    run.changed->expires_after(poll_interval);
    // Ends early when there is output to be looked at.
    co_await run.changed->async_wait(http::as_values);
    const auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none) {
      co_return error{error_kind::cancelled, "it was stopped"};
    }
  }
}

}  // namespace

asio::awaitable<result<process_output>> run_process(std::vector<std::string> words,
                                                    std::chrono::milliseconds timeout) {
  const auto executor = co_await asio::this_coro::executor;
  const auto deadline = steady_clock::now() + timeout;
  std::unique_ptr<running> run;
  {
    // Their write ends must be closed here, or they would never end.
    pipe_ends out;
    pipe_ends err;
    const auto started = start(words, out, err);
    if (started.failed != 0) {
      co_return error{error_kind::configuration,
                      "it cannot be run: " + std::generic_category().message(started.failed)};
    }
    run = std::make_unique<running>(executor, started.pid, out.take_read(), err.take_read());
  }
  co_return co_await wait_for(*run, deadline);
}

}  // namespace ingestor::aws
