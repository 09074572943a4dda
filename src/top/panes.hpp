// The four lists that `top` shows.
#pragma once

#include "telemetry/ledger_figures.hpp"
#include "terminal/text.hpp"
#include "top/table.hpp"

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace ingestor::top {

enum class pane { replicas, files, failures, rejects };

inline constexpr std::array<pane, 4> panes{pane::replicas, pane::files, pane::failures,
                                           pane::rejects};

std::string_view title_of(pane which);

std::span<const column> columns_in(pane which);

/// How its rows come when nobody has sorted them.
std::string_view own_order_of(pane which);

/// At `now` on the database's clock. `bar_columns`: of a progress bar; 0 for none.
table table_of(pane which, const telemetry::ledger_figures& figures, timestamp now,
               std::size_t bar_columns, const terminal::glyphs& how);

/// What else is to be said about it: `the latest 20 of 1,200`; often empty.
std::string remark_on(pane which, const telemetry::ledger_figures& figures, timestamp now);

}  // namespace ingestor::top
