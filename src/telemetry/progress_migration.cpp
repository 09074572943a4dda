#include "telemetry/progress_migration.hpp"

#include "telemetry/figures.hpp"
#include "telemetry/log.hpp"
#include "telemetry/progress.hpp"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

namespace ingestor::telemetry {
namespace {

using wait = migration_progress::wait;

// "building index: scanning table" on a line that says already that it is an index.
std::string last_part(const std::string& phase) {
  const auto colon = phase.rfind(": ");
  return colon == std::string::npos ? phase : phase.substr(colon + 2);
}

std::string what_it_does(const migration_progress& now) {
  const auto span = span_text(now.seconds);
  const auto holder = now.held_by.empty() ? std::string{} : ", " + now.held_by;
  switch (now.waits) {
    case wait::another_migration:
      return "waiting " + span + " for another migration" + holder;
    case wait::lock:
      return "waiting " + span + " for a lock" + (now.table.empty() ? "" : " on " + now.table) +
             holder;
    case wait::none:
      break;
  }
  if (now.phase.empty()) return now.name + "  " + span;
  return (now.table.empty() ? "index" : "index on " + now.table) + ", " + last_part(now.phase) +
         "  " + span;
}

void make_ascii(std::string& text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
}

double percent(double share) {
  return std::floor(std::clamp(share, 0.0, 1.0) * 100);
}

}  // namespace

std::string migration_bar(const migration_progress& now, std::size_t columns) {
  std::string out;
  if (now.share && now.waits == wait::none) {
    const auto room = bar_columns(columns);
    if (room != 0) out = bar_of(std::clamp(*now.share, 0.0, 1.0), room) + ' ';
    out += std::to_string(static_cast<int>(percent(*now.share))) + "%  ";
  }
  out += "migrating";
  if (now.step > 0) out += ' ' + std::to_string(now.step) + '/' + std::to_string(now.steps);
  out += ": " + what_it_does(now);
  make_ascii(out);
  if (out.size() > columns) out.resize(columns);
  return out;
}

migration_display::migration_display(log& to, progress_place::width columns)
    : place_{to, std::move(columns)} {}

void migration_display::update(const migration_progress& current, time_point now) {
  switch (place_.next(now)) {
    case progress_place::due::nothing:
      return;
    case progress_place::due::drawing:
      place_.draw(migration_bar(current, place_.columns()));
      return;
    case progress_place::due::log_line:
      write_line(current);
      return;
  }
}

void migration_display::write_line(const migration_progress& current) {
  const std::int64_t step = current.step;
  const std::int64_t steps = current.steps;
  std::vector<field> fields{
      {"step", step}, {"steps", steps}, {"name", current.name}, {"seconds", current.seconds}};
  if (!current.table.empty()) fields.push_back({"table", current.table});
  if (!current.held_by.empty()) fields.push_back({"held_by", current.held_by});
  if (!current.phase.empty()) fields.push_back({"phase", current.phase});
  if (current.share) fields.push_back({"percent", percent(*current.share)});
  switch (current.waits) {
    case wait::none:
      place_.lines().write(log_level::info, "migrating", fields);
      return;
    case wait::lock:
      place_.lines().write(log_level::warn, "migration waits for a lock", fields);
      return;
    case wait::another_migration:
      place_.lines().write(log_level::info, "migration waits for another", fields);
      return;
  }
}

}  // namespace ingestor::telemetry
