// The ledger as a model: what each statement of src/ledger does to its rows, as pure code.
//
// It takes and gives what those functions take and give, so that the simulation's replicas can act
// on it and tests/integration/ledger can hold it beside the real ledger, statement by statement.
// A statement happens at once. What takes time is a transaction's end: fence() is the statements
// that travel with COMMIT, which lock the rows; commit() or roll_back() ends it.
#pragma once

#include "ledger/claim.hpp"
#include "ledger/policy.hpp"
#include "ledger/queue.hpp"
#include "model/defect.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ingestor::ledger::model {

/// The database's clock: since the schedule began.
using instant = std::chrono::milliseconds;

enum class status { pending, processing, completed, failed };

std::string_view name(status state);

struct row {
  std::int64_t id = 0;
  std::string key;
  std::string etag;
  std::int64_t size = 0;
  status state = status::pending;
  std::int32_t attempts = 0;
  std::int32_t lease_expiries = 0;
  std::int64_t token = 0;
  /// 0: none.
  std::int64_t session = 0;
  std::optional<instant> lease_expires_at;
  std::optional<instant> next_attempt_at;
  instant queued_at{};
  /// It has been completed before, and its rows are there.
  bool has_landed = false;
  /// Of a completed file whose object is another one by now; else empty.
  std::string overwritten_etag;
  /// By a transaction that is ending.
  bool locked = false;
};

/// All rows of `log` that one reading of an object brought.
struct landed {
  std::int64_t file = 0;
  /// Of the object that was read.
  std::string etag;
};

struct read_file {
  claim held;
  std::string etag;
  /// The rows of an earlier version go in the same transaction.
  bool landed_before = false;
};

struct bad_file {
  claim held;
  /// File failures before this one.
  std::int32_t attempts = 0;
  /// By a bug of the program: uses up no attempt, and is not tried again.
  bool by_bug = false;
};

/// What a load commits.
struct outcome {
  std::vector<read_file> completed;
  std::vector<bad_file> failed;
};

std::vector<claim> claims_of(const outcome& end);

class table {
 public:
  explicit table(defect broken = defect::none) : broken_{broken} {}

  /// Only forwards.
  void advance(instant by) { now_ += by; }
  instant now() const { return now_; }

  enqueued enqueue(std::span<const listed_object> objects, overwritten then);
  /// `expired_by`: what a replica's own clock says, which only a defect asks.
  requeued requeue(std::string_view key_prefix, std::int64_t files_max, instant expired_by);

  std::vector<claimed_file> take(std::string_view key_prefix, const claim_terms& terms,
                                 queue_position from);
  std::vector<claim> keep(std::span<const claim> claims, std::chrono::milliseconds lease);
  std::uint64_t give_back(std::span<const claim> claims, place where);
  std::uint64_t give_back_unknown(std::int64_t session, std::span<const claim> known);
  void give_back_changed(claim held, const std::string& etag, std::int64_t size);
  std::vector<fate> settle(std::span<const claim> claims);

  /// False when the fence raises: nothing of the transaction is left. Otherwise the rows are locked
  /// until commit() or roll_back() of the same.
  bool fence(const outcome& end);
  void commit(const outcome& end, const retry_terms& terms);
  void roll_back(const outcome& end);

  /// Whether a statement that writes these claims would wait for a lock.
  bool waits_for(std::span<const claim> claims) const;
  bool waits_for_session(std::int64_t session) const;

  const std::vector<row>& rows() const { return rows_; }
  const std::vector<landed>& log() const { return log_; }
  const row& at(std::int64_t id) const { return rows_[static_cast<std::size_t>(id - 1)]; }
  const row* find(std::string_view key) const;
  /// Rows that committed without their file's status: only a defect does so.
  void land(std::int64_t file, const std::string& etag) { log_.push_back({file, etag}); }

 private:
  row& edit(std::int64_t id) { return rows_[static_cast<std::size_t>(id - 1)]; }
  row* held_by(claim held);
  const row* held_by(claim held) const;
  row* to_be_ended(claim held);
  void queue_changed(row& file, const listed_object& object);
  std::vector<row*> queue(std::string_view key_prefix, std::int64_t files_max, queue_position from);
  std::vector<row*> chosen(const std::vector<row*>& queue, const claim_terms& terms) const;
  void take_rows_of(std::int64_t file);
  void to_queue(row& file);
  void fail(row& file, bool by_bug, const retry_terms& terms) const;

  defect broken_;
  instant now_{};
  /// By id, which counts from 1.
  std::vector<row> rows_;
  std::vector<landed> log_;
};

}  // namespace ingestor::ledger::model
