#include "ingest/pipeline.hpp"

#include "ingest/bounds.hpp"
#include "telemetry/events/files.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>

#include <random>
#include <utility>
#include <variant>

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
      s3_trouble{telemetry::dependency::s3, telemetry},
      database_trouble{telemetry::dependency::database, telemetry},
      keeper{on, with.heartbeats, settings.lease, telemetry, database_trouble},
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
  writing_terms.session = claiming_terms.session;
  writing_terms.retry.backoff = settings.retry_backoff;
  writing_terms.retry.attempts_max = settings.max_attempts;
  writing_terms.lease = settings.lease;

  decoding_terms = decoder_terms_of(settings);
}

void pipeline::on_opening(const ledger::claimed_file& file, care how) {
  telemetry.record(telemetry::file_opened{file.held.id, file.key, how == care::each_row});
}

void pipeline::on_read(std::uint64_t bytes) {
  totals.bytes_read += bytes;
}

void pipeline::on_copied(const copied& done) {
  totals.rows_copied += done.rows;
  const std::chrono::duration<double> took = done.took;
  telemetry.record(telemetry::copy_finished{done.rows, done.bytes, took.count()});
}

void pipeline::blame_s3(use tried, const failure& why) {
  if (why.throttled) {
    s3_trouble.throttled(tried, why.text);
  } else {
    s3_trouble.failed(tried, why.text);
  }
}

void pipeline::nothing_to_load() {
  s3_trouble.recovered(use::load);
  database_trouble.recovered(use::load);
}

asio::awaitable<pg::result<pg::lease>> pipeline::acquire(pg::pool& from) {
  using namespace asio::experimental::awaitable_operators;
  if (stopping) co_return pg::make_error(pg::error_category::shutdown, "the service is stopping");
  auto acquiring = from.lease(acquire_timeout);
  // Longer than the other, so that what ends it is the service's stop and nothing else.
  auto stop = pause.wait(2 * acquire_timeout);
  auto first = co_await (std::move(acquiring) || std::move(stop));
  auto* const lease = std::get_if<0>(&first);
  if (lease == nullptr) {
    co_return pg::make_error(pg::error_category::shutdown, "the service is stopping");
  }
  if (!*lease) {
    database_trouble.failed(use::reach, lease->error().text());
  } else {
    telemetry.record(
        telemetry::pool_waited{std::chrono::duration<double>{(*lease)->waited()}.count()});
  }
  co_return std::move(*lease);
}

asio::awaitable<void> pipeline::wait_out(const trouble& with) const {
  const auto left = with.wait();
  if (left > trouble::clock::duration::zero()) co_await rest(left);
}

asio::awaitable<void> pipeline::rest(std::chrono::steady_clock::duration time) const {
  if (!stopping) co_await pause.wait(time);
}

void pipeline::stop() {
  stopping = true;
  work.notify();
  pause.notify();
}

}  // namespace ingestor::ingest
