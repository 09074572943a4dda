// What terminfo knows of the types of terminals.
#pragma once

#include <string>

namespace ingestor::terminal {

/// Why nothing can be drawn on the terminal `descriptor` if it is of this type; empty when it can.
std::string unusable_terminal(const std::string& type, int descriptor);

/// What gives back the terminal that ncurses draws on: keys, colours, cursor, and the screen that
/// was there before.
std::string giving_back();

}  // namespace ingestor::terminal
