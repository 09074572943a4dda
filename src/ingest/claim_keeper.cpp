#include "ingest/claim_keeper.hpp"

#include "telemetry/events/files.hpp"

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>

namespace ingestor::ingest {
namespace {

namespace asio = boost::asio;

/// Heartbeats in a lease: three may be lost before the lease is.
constexpr int beats_in_a_lease = 4;

}  // namespace

claim_keeper::claim_keeper(const asio::any_io_executor& executor, pg::pool& connections,
                           std::chrono::milliseconds lease, telemetry::recorder& telemetry,
                           trouble& database)
    : connections_{connections},
      lease_{lease},
      telemetry_{telemetry},
      database_{database},
      lost_{executor} {}

void claim_keeper::add(std::span<const ledger::claimed_file> files) {
  for (const auto& file : files) {
    claims_.insert_or_assign(file.held.id, held_file{file.held, file.key});
    ids_.insert_or_assign(file.key, file.held.id);
  }
}

void claim_keeper::remove(ledger::claim held) {
  const auto found = claims_.find(held.id);
  if (found == claims_.end() || found->second.held != held) return;
  ids_.erase(found->second.key);
  claims_.erase(found);
}

std::int64_t claim_keeper::id_of(std::string_view key) const {
  const auto found = ids_.find(key);
  return found == ids_.end() ? 0 : found->second;
}

std::vector<ledger::claim> claim_keeper::held() const {
  std::vector<ledger::claim> all;
  all.reserve(claims_.size());
  for (const auto& [id, file] : claims_) all.push_back(file.held);
  return all;
}

bool claim_keeper::holds(ledger::claim held) const {
  const auto found = claims_.find(held.id);
  return found != claims_.end() && found->second.held == held;
}

asio::awaitable<void> claim_keeper::until_lost(std::span<const ledger::claimed_file> files) {
  const auto is_held = [this](const ledger::claimed_file& file) { return holds(file.held); };
  while (std::ranges::all_of(files, is_held)) co_await lost_.wait(lease_);
}

asio::awaitable<void> claim_keeper::run() {
  asio::steady_timer timer{co_await asio::this_coro::executor};
  for (;;) {
    timer.expires_after(lease_ / beats_in_a_lease);
    co_await timer.async_wait(asio::use_awaitable);
    if (!claims_.empty()) co_await beat();
  }
}

asio::awaitable<void> claim_keeper::beat() {
  const auto start = std::chrono::steady_clock::now();
  const auto before = held();
  auto lease = co_await connections_.lease(lease_ / beats_in_a_lease);
  // A heartbeat that is cancelled because all is stopping has learnt nothing of the database.
  const auto cancellation = co_await asio::this_coro::cancellation_state;
  const auto cancelled = [&] { return cancellation.cancelled() != asio::cancellation_type::none; };
  if (!lease) {
    if (!cancelled()) database_.failed(use::reach, lease.error().text());
    co_return;
  }
  const auto lost = co_await ledger::keep(**lease, before, lease_, lease_ / 2);
  if (!lost) {
    if (!cancelled()) database_.failed(use::ask, lost.error().text());
    co_return;
  }
  for (const auto& claim : *lost) remove(claim);
  if (!lost->empty()) lost_.notify();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  telemetry_.record(telemetry::heartbeat{before.size(), took.count()});
}

}  // namespace ingestor::ingest
