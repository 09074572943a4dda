#include "telemetry/progress_display.hpp"

#include "telemetry/log.hpp"

#include <utility>
#include <vector>

namespace ingestor::telemetry {

progress_display::progress_display(log& to, progress_place::width columns)
    : place_{to, std::move(columns)} {}

void progress_display::update(const progress& current, time_point now) {
  const bool by_bytes = current.bytes_total != 0;
  const auto& at = by_bytes ? pace_.see(current.rows, current.bytes_done, current.bytes_total, now)
                            : pace_.see(current.rows, current.files_done, current.files_total, now);
  switch (place_.next(now)) {
    case progress_place::due::nothing:
      return;
    case progress_place::due::drawing:
      place_.draw(progress_bar(current, at, place_.columns()));
      return;
    case progress_place::due::log_line:
      write_line(current, at);
      return;
  }
}

void progress_display::write_line(const progress& current, const pace& at) {
  std::vector<field> fields{{"files_done", current.files_done}};
  if (current.files_total == 0) {
    fields.push_back({"objects_listed", current.objects_listed});
  } else {
    fields.push_back({"files_total", current.files_total});
  }
  fields.insert(fields.end(), {{"files_failed", current.files_failed},
                               {"bytes_done", current.bytes_done},
                               {"bytes_total", current.bytes_total},
                               {"rows", current.rows},
                               {"rows_per_second", at.rows_per_second}});
  if (at.seconds_left) fields.push_back({"seconds_left", *at.seconds_left});
  if (!current.waits_for.empty()) fields.push_back({"waits_for", current.waits_for});
  const auto& message = current.files_total == 0 ? "listing" : "progress";
  place_.lines().write(log_level::info, message, fields);
}

}  // namespace ingestor::telemetry
