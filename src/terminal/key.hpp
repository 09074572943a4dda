// What somebody has pressed.
#pragma once

#include <span>
#include <vector>

namespace ingestor::terminal {

enum class key_name {
  character,
  up,
  down,
  left,
  right,
  page_up,
  page_down,
  home,
  end,
  enter,
  tab,
  back_tab,
  backspace,
  escape,
  redraw,
  other
};

struct key {
  key_name name = key_name::other;
  /// Of a `character`: anything from U+0020 on but controls.
  char32_t character = 0;
};

/// The keys of what has arrived at once, in which special keys are known already (any name but
/// `character`). A sequence that nobody knew, which begins with an escape character, is no key: its
/// letters would be taken for commands.
std::vector<key> keys_of(std::span<const key> arrived);

}  // namespace ingestor::terminal
