#include "ingest/activity.hpp"

namespace ingestor::ingest {

void activity::claimed(std::span<const ledger::claimed_file> files) {
  told_ = {};
  told_.files = files.size();
  for (const auto& file : files) told_.bytes_total += static_cast<std::uint64_t>(file.size);
  claimed_at_ = std::chrono::steady_clock::now();
  phase_ = phase::load;
}

void activity::opened(const ledger::claimed_file& file) {
  told_.key = file.key;
  told_.file_id = file.held.id;
}

void activity::read_up(std::uint64_t bytes) {
  told_.bytes_read += bytes;
  ++told_.files_read;
}

telemetry::fetcher_stage activity::stage() const {
  using telemetry::fetcher_stage;
  switch (phase_) {
    case phase::idle:
      return fetcher_stage::idle;
    case phase::claim:
      return fetcher_stage::claim;
    case phase::commit:
      return fetcher_stage::commit;
    case phase::load:
      break;
  }
  if (writing_ == 0) return reading_ == 0 ? fetcher_stage::load : fetcher_stage::fetch;
  return reading_ == 0 ? fetcher_stage::write : fetcher_stage::load;
}

telemetry::fetcher_report activity::report(std::uint64_t bytes_under_way) const {
  telemetry::fetcher_report out{};
  out.stage = stage();
  if (phase_ == phase::idle || phase_ == phase::claim) return out;
  out = told_;
  out.stage = stage();
  out.bytes_read += bytes_under_way;
  const std::chrono::duration<double> lasting = std::chrono::steady_clock::now() - claimed_at_;
  out.seconds = lasting.count();
  return out;
}

}  // namespace ingestor::ingest
