#include "ingest/loader.hpp"

namespace ingestor::ingest {

care care_for(const load_result& left_alone) {
  return left_alone.why.kind == failure_kind::rows ? care::each_row : care::none;
}

ledger::completed_file completed(const ledger::claimed_file& file, const load_result& loaded) {
  ledger::completed_file done{};
  done.held = file.held;
  done.rows = loaded.totals.rows;
  done.lines_rejected = loaded.totals.lines_rejected;
  if (loaded.totals.rows > 0) {
    done.first_timestamp = loaded.totals.first_timestamp;
    done.last_timestamp = loaded.totals.last_timestamp;
  }
  done.bytes_inflated = loaded.totals.bytes_inflated;
  done.compression = loaded.compression;
  return done;
}

ledger::failed_file failed(const ledger::claimed_file& file, const failure& why) {
  ledger::failed_file record{};
  record.held = file.held;
  record.attempts = file.attempts;
  record.by_bug = why.kind == failure_kind::bug;
  record.stage = name(why.at);
  record.error = why.text;
  return record;
}

normalise::source source_of(const ledger::claimed_file& file) {
  normalise::source from{};
  from.file_id = file.held.id;
  from.last_modified = file.last_modified;
  return from;
}

}  // namespace ingestor::ingest
