// Statements on their way to the server: they may be done late, or done without an answer.
#pragma once

#include "model/table.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace ingestor::ledger::model {

class world;

class request {
 public:
  explicit request(std::int64_t by) : session{by} {}
  request(const request&) = delete;
  request& operator=(const request&) = delete;
  virtual ~request() = default;

  /// Whether it waits for a row that a transaction has locked.
  virtual bool waits(const table&) const { return false; }
  /// One step of the server; true when the statement is done.
  virtual bool run(world& in) = 0;
  /// The server ends the session in the middle.
  virtual void abort(world&) {}

  /// Of the replica that sent it.
  const std::int64_t session;
  bool is_answered = false;
  bool is_lost = false;
};

struct enqueue_request : request {
  enqueue_request(std::int64_t by, std::vector<listed_object> listed)
      : request{by}, objects{std::move(listed)} {}
  bool run(world& in) override;

  std::vector<listed_object> objects;
};

struct requeue_request : request {
  requeue_request(std::int64_t by, instant clock) : request{by}, own_clock{clock} {}
  bool run(world& in) override;

  /// What the replica takes for the time.
  instant own_clock;
};

struct take_request : request {
  take_request(std::int64_t by, claim_terms wanted, queue_position begin)
      : request{by}, terms{std::move(wanted)}, from{begin} {}
  bool run(world& in) override;

  claim_terms terms;
  queue_position from;
  std::vector<claimed_file> files;
};

struct keep_request : request {
  keep_request(std::int64_t by, std::vector<claim> held) : request{by}, claims{std::move(held)} {}
  bool run(world& in) override;

  std::vector<claim> claims;
  std::vector<claim> lost;
};

struct give_back_request : request {
  give_back_request(std::int64_t by, std::vector<claim> held, place at)
      : request{by}, claims{std::move(held)}, where{at} {}
  bool waits(const table& ledger) const override { return ledger.waits_for(claims); }
  bool run(world& in) override;

  std::vector<claim> claims;
  place where;
};

struct give_back_unknown_request : request {
  give_back_unknown_request(std::int64_t by, std::vector<claim> held)
      : request{by}, known{std::move(held)} {}
  bool waits(const table& ledger) const override { return ledger.waits_for_session(session); }
  bool run(world& in) override;

  std::vector<claim> known;
};

struct give_back_changed_request : request {
  give_back_changed_request(std::int64_t by, claim file, listed_object found)
      : request{by}, held{file}, now{std::move(found)} {}
  bool waits(const table& ledger) const override {
    return ledger.waits_for(std::span<const claim>{&held, 1});
  }
  bool run(world& in) override;

  claim held;
  listed_object now;
};

struct settle_request : request {
  settle_request(std::int64_t by, std::vector<claim> held) : request{by}, claims{std::move(held)} {}
  bool waits(const table& ledger) const override { return ledger.waits_for(claims); }
  bool run(world& in) override;

  std::vector<claim> claims;
  std::vector<fate> fates;
};

/// The statements that end the claims, and COMMIT behind them in the same write. Between its two
/// steps the rows are locked.
struct commit_request : request {
  commit_request(std::int64_t by, outcome what) : request{by}, end{std::move(what)} {}
  bool waits(const table& ledger) const override;
  bool run(world& in) override;
  void abort(world& in) override;

  outcome end;
  bool is_open = false;
  bool is_committed = false;
};

}  // namespace ingestor::ledger::model
