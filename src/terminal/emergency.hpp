// The terminal as it was, when there is no time left for anything else.
#pragma once

#include <string_view>
#include <termios.h>

namespace ingestor::terminal {

/// Of the sequences that give a terminal back; real ones have less than 50.
inline constexpr unsigned long sequences_bytes_max = 256;

/// From now on restore_in_emergency() sets these modes and writes these sequences, and a signal
/// that ends the process (a crash, SIGQUIT, SIGUSR1 …) and has no handler of its own does so first.
void arm_emergency(int terminal, const termios& modes, std::string_view sequences);

/// The terminal is given back already, or not taken yet. Handlers of signals stay and do nothing.
void disarm_emergency();

/// Does nothing unless armed. Safe in a handler of a signal.
void restore_in_emergency() noexcept;

}  // namespace ingestor::terminal
