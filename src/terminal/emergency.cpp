#include "terminal/emergency.hpp"

#include <algorithm>
#include <array>
#include <csignal>
#include <unistd.h>

namespace ingestor::terminal {
namespace {

// All that ends a process and is neither awaited by the event loop nor beyond reach, as SIGKILL is.
constexpr std::array ending{SIGQUIT, SIGILL,  SIGABRT, SIGBUS,  SIGFPE,    SIGSEGV, SIGSYS, SIGTRAP,
                            SIGUSR1, SIGUSR2, SIGALRM, SIGPIPE, SIGVTALRM, SIGXCPU, SIGXFSZ};

struct state {
  volatile std::sig_atomic_t armed = 0;
  int terminal = -1;
  termios modes{};
  std::array<char, sequences_bytes_max> sequences{};
  std::size_t length = 0;
  bool handling = false;
};

// A handler of a signal can reach nothing else.
state now;

void on_signal(int number) {
  restore_in_emergency();
  // SA_RESETHAND has put the default back; it acts as soon as this returns.
  (void)raise(number);
}

void handle_signals() {
  if (now.handling) return;
  now.handling = true;
  for (const int number : ending) {
    struct sigaction present {};
    if (sigaction(number, nullptr, &present) != 0 || present.sa_handler != SIG_DFL) continue;
    struct sigaction own {};
    own.sa_handler = on_signal;
    own.sa_flags = static_cast<int>(SA_RESETHAND);
    (void)sigaction(number, &own, nullptr);
  }
}

}  // namespace

void arm_emergency(int terminal, const termios& modes, std::string_view sequences) {
  now.armed = 0;
  now.terminal = terminal;
  now.modes = modes;
  now.length = std::min(sequences.size(), now.sequences.size());
  std::copy_n(sequences.begin(), now.length, now.sequences.begin());
  handle_signals();
  now.armed = 1;
}

void disarm_emergency() {
  now.armed = 0;
}

void restore_in_emergency() noexcept {
  if (now.armed == 0) return;
  now.armed = 0;
  (void)tcflow(now.terminal, TCOOFF);
  (void)tcflow(now.terminal, TCOON);
  // Nothing can be done about a terminal that does not take it.
  [[maybe_unused]] const auto written = write(now.terminal, now.sequences.data(), now.length);
  (void)tcsetattr(now.terminal, TCSANOW, &now.modes);
}

}  // namespace ingestor::terminal
