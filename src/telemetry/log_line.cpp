#include "telemetry/log_line.hpp"

#include "telemetry/escape.hpp"

#include <spdlog/fmt/fmt.h>

#include <cmath>

namespace ingestor::telemetry {
namespace {

struct level_names {
  std::string_view padded;
  int pino;
};

level_names names_of(log_level level) {
  switch (level) {
    case log_level::error:
      return {"ERROR", 50};
    case log_level::warn:
      return {"WARN ", 40};
    case log_level::info:
      return {"INFO ", 30};
    case log_level::debug:
      return {"DEBUG", 20};
    case log_level::trace:
      return {"TRACE", 10};
  }
  return {"INFO ", 30};
}

/// Three decimals, since nearly all that is not whole here is seconds, and no zeros at the end.
std::string decimal(double value) {
  if (!std::isfinite(value)) return "null";
  auto out = fmt::format("{:.3f}", value);
  out.erase(out.find_last_not_of('0') + 1);
  if (out.back() == '.') out.pop_back();
  return out == "-0" ? "0" : out;
}

struct append_value {
  std::string& out;

  void operator()(std::int64_t value) const { out += std::to_string(value); }
  void operator()(std::uint64_t value) const { out += std::to_string(value); }
  void operator()(double value) const { out += decimal(value); }
  void operator()(bool value) const { out += value ? "true" : "false"; }
  void operator()(std::string_view value) const { append_quoted(out, value); }
};

std::string rfc3339(log_time at) {
  const auto day = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss time{at - day};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     time.hours().count(), time.minutes().count(), time.seconds().count(),
                     time.subseconds().count());
}

}  // namespace

std::string format_readable(const log_line& line, log_time at) {
  auto out = rfc3339(at).append(" ").append(names_of(line.level).padded).append(" ");
  out += line.message;
  for (const auto& [name, value] : line.fields) {
    out.append(" ").append(name).append("=");
    std::visit(append_value{out}, value);
  }
  return out;
}

std::string common_members(const log_origin& origin) {
  std::string out = ",\"pid\":" + std::to_string(origin.pid) + ",\"hostname\":";
  append_quoted(out, origin.hostname);
  out += ",\"replica\":";
  append_quoted(out, origin.replica);
  return out;
}

std::string format_json(const log_line& line, log_time at, std::string_view everywhere) {
  auto out = fmt::format(R"({{"time":{},"level":{}{},"msg":)", at.time_since_epoch().count(),
                         names_of(line.level).pino, everywhere);
  append_quoted(out, line.message);
  for (const auto& [name, value] : line.fields) {
    out += ',';
    append_quoted(out, name);
    out += ':';
    std::visit(append_value{out}, value);
  }
  out += '}';
  return out;
}

}  // namespace ingestor::telemetry
