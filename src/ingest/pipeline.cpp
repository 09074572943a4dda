#include "ingest/pipeline.hpp"

#include "ingest/bounds.hpp"

#include <random>

namespace ingestor::ingest {

namespace asio = boost::asio;

namespace {

std::int64_t draw_session() {
  std::random_device chance;
  std::uniform_int_distribution<std::int64_t> any;
  return any(chance);
}

}  // namespace

pipeline::pipeline(const boost::asio::any_io_executor& on, const resources& with)
    : executor{on},
      settings{with.settings},
      s3{with.s3},
      rows{with.rows},
      control{with.control},
      telemetry{with.telemetry},
      scope{settings.s3.bucket, settings.s3.prefix},
      keeper{control, settings.lease, telemetry},
      s3_trouble{telemetry::dependency::s3, telemetry},
      database_trouble{telemetry::dependency::database, telemetry},
      claiming{on},
      work{on},
      pause{on} {
  claiming_terms.replica = settings.replica;
  claiming_terms.session = draw_session();
  claiming_terms.lease = settings.lease;
  claiming_terms.files_max = static_cast<std::int64_t>(settings.batch_size);
  claiming_terms.small_file_bytes_max = small_file_bytes_max;
  claiming_terms.group_bytes_max = group_bytes_max;

  writing_terms.replica = settings.replica;
  writing_terms.retry.backoff = settings.retry_backoff;
  writing_terms.retry.attempts_max = settings.max_attempts;
  writing_terms.lease = settings.lease;

  decoding_terms.limits.line_bytes_max = settings.line_bytes_max;
  decoding_terms.limits.object_bytes_max = settings.object_bytes_max;
  decoding_terms.reject_share_max = settings.reject_share_max;
}

void pipeline::on_read(std::uint64_t bytes) {
  totals.bytes_read += bytes;
}

void pipeline::on_copied(const copied& done) {
  totals.rows_copied += done.rows;
  const std::chrono::duration<double> took = done.took;
  telemetry.record(telemetry::copy_finished{done.rows, done.bytes, took.count()});
}

asio::awaitable<void> pipeline::wait_out(const trouble& with) const {
  const auto left = with.wait();
  if (left > trouble::clock::duration::zero() && !stopping) co_await pause.wait(left);
}

void pipeline::stop() {
  stopping = true;
  work.notify();
  pause.notify();
}

}  // namespace ingestor::ingest
