// Where call sites tell what happened: `telemetry.record(file_completed{…})`. The event alone
// decides what that means for the log and for the metrics.
#pragma once

namespace ingestor::telemetry {

class log;
class metrics;

/// An event is a struct of facts with `void emit(log&, metrics&) const`. Events hold views: they
/// are made in the call to record(), which is done with them when it returns.
class recorder {
 public:
  /// Both must outlive the recorder.
  recorder(log& lines, metrics& numbers) : lines_{lines}, numbers_{numbers} {}

  template <class Event>
  void record(const Event& event) {
    event.emit(lines_, numbers_);
    count_dropped_lines();
  }

 private:
  void count_dropped_lines();

  log& lines_;
  metrics& numbers_;
};

}  // namespace ingestor::telemetry
