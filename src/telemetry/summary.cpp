#include "telemetry/summary.hpp"

#include "telemetry/figures.hpp"

#include <spdlog/fmt/fmt.h>

#include <cmath>

namespace ingestor::telemetry {

namespace {

void append(std::string& line, std::uint64_t count, const char* what) {
  if (count != 0) line += ", " + with_separators(count) + what;
}

}  // namespace

std::string summary_text(const summary& done) {
  const auto rate = std::llround(per_second(done.rows, done.seconds));
  auto files = with_separators(done.files_completed) + " completed, " +
               with_separators(done.files_failed) + " failed";
  append(files, done.files_waiting, " waiting for a later attempt");
  append(files, done.files_given_up, " staying failed until `ingestor retry`");
  append(files, done.files_held_elsewhere, " held by other replicas");
  append(files, done.files_overwritten, " changed since they were completed");
  return "files     " + files + "\nrows      " + with_separators(done.rows) + "\nrejected  " +
         with_separators(done.lines_rejected) + (done.lines_rejected == 1 ? " line" : " lines") +
         "\nread      " + mebibytes(done.bytes_compressed) + " compressed, " +
         mebibytes(done.bytes_inflated) + " inflated\ntime      " + seconds_text(done.seconds) +
         ", " + with_separators(static_cast<std::uint64_t>(rate)) + " rows/s\n";
}

std::string summary_json(const summary& done) {
  const auto seconds = std::isfinite(done.seconds) ? done.seconds : 0.0;
  return fmt::format(R"({{"files":{{"completed":{},"failed":{}}},"rows":{},"lines_rejected":{},)"
                     R"("bytes_compressed":{},"bytes_inflated":{},"seconds":{:.3f}}})"
                     "\n",
                     done.files_completed, done.files_failed, done.rows, done.lines_rejected,
                     done.bytes_compressed, done.bytes_inflated, seconds);
}

}  // namespace ingestor::telemetry
