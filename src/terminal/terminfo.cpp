#include "terminal/terminfo.hpp"

#include <bit>
#include <cstdint>
#include <curses.h>
// Behind curses.h, on which it depends. Its macros have the names of half the dictionary.
#include <term.h>

namespace ingestor::terminal {
namespace {

/// A string of terminfo without its delays, which nothing of today needs; empty if there is none.
std::string sequence(const char* name) {
  // The header has char* where nothing is changed.
  const char* const found = tigetstr(const_cast<char*>(name));
  if (found == nullptr || std::bit_cast<std::intptr_t>(found) == -1) return {};
  std::string out{found};
  for (auto at = out.find("$<"); at != std::string::npos; at = out.find("$<", at)) {
    const auto end = out.find('>', at);
    out.erase(at, end == std::string::npos ? end : end - at + 1);
  }
  return out;
}

}  // namespace

std::string unusable_terminal(const std::string& type, int descriptor) {
  int found = 0;
  if (type.empty()) return "TERM is not set";
  if (setupterm(type.c_str(), descriptor, &found) == ERR) {
    return "TERM is \"" + type + "\", which this machine's terminfo does not know";
  }
  const bool enough = !sequence("cup").empty() && !sequence("clear").empty();
  (void)del_curterm(cur_term);
  return enough ? "" : "a terminal of the type \"" + type + "\" cannot be drawn on";
}

std::string giving_back() {
  return sequence("rmkx") + sequence("sgr0") + sequence("cnorm") + sequence("rmcup");
}

}  // namespace ingestor::terminal
