#include "app/check_report.hpp"

#include "app/configuration.hpp"
#include "app/exit_code.hpp"
#include "telemetry/escape.hpp"

#include <algorithm>

namespace ingestor::app {
namespace {

std::string_view word_of(verdict how) {
  switch (how) {
    case verdict::ok:
      return "ok";
    case verdict::note:
      return "note";
    case verdict::skipped:
      return "skip";
    case verdict::failed:
    case verdict::misconfigured:
      return "fail";
  }
  return "fail";
}

void append_column(std::string& out, std::string_view text, std::size_t width) {
  out.append(text).append(width - std::min(text.size(), width) + 2, ' ');
}

/// The snippet's lines one by one: within them nothing may steer a terminal either.
void append_snippet(std::string& out, std::string_view snippet) {
  while (!snippet.empty()) {
    const auto end = std::min(snippet.find('\n'), snippet.size());
    out += "      ";
    telemetry::append_printable(out, snippet.substr(0, end));
    out += '\n';
    snippet.remove_prefix(std::min(end + 1, snippet.size()));
  }
}

}  // namespace

void check_report::tell(std::string_view topic, const finding& found) {
  std::string out;
  append_column(out, word_of(found.how), word_of(verdict::failed).size());
  append_column(out, topic, topic_bytes_max);
  telemetry::append_printable(out, found.text);
  out += '\n';
  append_snippet(out, found.snippet);

  int code = exit_code::ok;
  if (found.how == verdict::failed) code = exit_code::failed;
  if (found.how == verdict::misconfigured) code = exit_code::usage;
  if (!print(out)) code = exit_code::failed;
  exit_code_ = std::max(exit_code_, code);
}

}  // namespace ingestor::app
