#include "telemetry/figures.hpp"
#include "top/header.hpp"
#include "top/model.hpp"

namespace ingestor::top {
namespace {

using terminal::glyphs;

/// Wider than all that is shown: a key has 1,024 bytes, each of which may take ten columns.
constexpr std::size_t columns_for_all = 1U << 20U;

void append(std::string& out, const terminal::line& one) {
  const auto begin = out.size();
  for (const auto& span : one.spans) out += span.text;
  while (out.size() > begin && out.back() == ' ') out.pop_back();
  out += '\n';
}

void append_list(std::string& out, pane which, const seen& now, const glyphs& how) {
  const auto all = table_of(which, *now.figures, now.at, 0, how);
  const order own{};
  out.append("\n").append(title_of(which)).append(": ");
  out += all.rows.empty() ? "none" : telemetry::with_separators(all.rows.size());
  if (const auto remark = remark_on(which, *now.figures, now.at); !remark.empty())
    out += ", " + remark;
  out += '\n';
  if (all.rows.empty()) return;
  const auto places = laid_out(all, own, columns_for_all, how);
  append(out, head_of(all, places, own, how));
  for (const auto& one : all.rows) append(out, line_of(all, one, places, how));
}

}  // namespace

std::string plain_text(const seen& now, const glyphs& how) {
  std::string out;
  append(out, title_words(now, how));
  for (const auto& one : header_lines(now, false, columns_for_all, how)) append(out, one);
  if (!now.figures) return out;
  for (const auto which : panes) append_list(out, which, now, how);
  return out;
}

}  // namespace ingestor::top
