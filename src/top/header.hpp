// The lines above the lists: how the fleet does, at a look.
#pragma once

#include "terminal/frame.hpp"
#include "terminal/text.hpp"
#include "top/seen.hpp"

#include <cstddef>
#include <string_view>
#include <vector>

namespace ingestor::top {

/// The bar at the top: what is watched, where, and the time of the figures.
terminal::line title_line(const seen& now, std::size_t columns, const terminal::glyphs& how);

/// The same in words alone.
terminal::line title_words(const seen& now, const terminal::glyphs& how);

/// The most important one first: the state, files, rows, times. What has no room is left out, from
/// the right.
std::vector<terminal::line> header_lines(const seen& now, bool paused, std::size_t columns,
                                         const terminal::glyphs& how);

/// No wider than `columns`.
terminal::line clipped(terminal::line all, std::size_t columns, const terminal::glyphs& how);

}  // namespace ingestor::top
