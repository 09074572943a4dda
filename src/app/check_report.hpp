// What `check` says: a line for each thing that it looked at.
#pragma once

#include <string>
#include <string_view>

namespace ingestor::app {

enum class verdict {
  ok,
  /// Not as it could be, but nothing that stops anything.
  note,
  /// Not looked at; the text says why.
  skipped,
  failed,
  /// It cannot work with these settings, whatever the servers say.
  misconfigured,
};

struct finding {
  verdict how = verdict::ok;
  /// What was found; of a failure also what to do. Anything may be in it.
  std::string text{};
  /// Lines to be copied, shown below; empty: none.
  std::string snippet{};
};

/// Writes each finding to stdout as soon as there is one: a line, made safe for a terminal.
class check_report {
 public:
  /// `topic`: such as "bucket"; at most topic_bytes_max.
  void tell(std::string_view topic, const finding& found);

  /// exit_code::ok, failed, or usage where a setting is wrong.
  int exit_code() const { return exit_code_; }

  static constexpr std::size_t topic_bytes_max = 13;

 private:
  int exit_code_ = 0;
};

}  // namespace ingestor::app
