// One schedule: a bucket, a ledger, some replicas, and the faults that a seed draws for them.
//
// After every change of the ledger the whole of it is held to what must be true at any moment; when
// the faults have ended, to what must become true.
#pragma once

#include "model/chance.hpp"
#include "model/requests.hpp"
#include "model/table.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace ingestor::ledger::model {

class replica;

/// The first letter of an ETag says what is in the object.
enum class content : char {
  good = 'g',
  /// Fails in its decoder.
  corrupt = 'c',
  /// Has a row that the database refuses.
  poisonous = 'p',
  /// Ends the process that reads it.
  deadly = 'd'
};

struct object {
  std::string key;
  std::string etag;
  std::int64_t size = 0;
  bool exists = true;
  bool was_deleted = false;
};

inline content content_of(const std::string& etag) {
  return static_cast<content>(etag.front());
}

/// Why the ledger changed.
enum class cause { enqueue, requeue, take, keep, give_back, commit };

struct tally {
  std::uint64_t steps = 0;
  std::uint64_t rounds = 0;
  std::uint64_t kills = 0;
  std::uint64_t claims = 0;
  std::uint64_t commits = 0;
  std::uint64_t lost_claims = 0;
  std::uint64_t lost_answers = 0;
  std::uint64_t expiries = 0;
  std::uint64_t given_up = 0;
};

class world {
 public:
  world(std::uint64_t seed, defect broken);
  world(const world&) = delete;
  world& operator=(const world&) = delete;
  ~world();

  /// What was wrong; empty when nothing was.
  std::string run();
  const tally& counts() const { return counts_; }

  // What replicas and the server's requests use.
  chance dice;
  table ledger;
  const defect broken;
  std::chrono::milliseconds lease{1000};
  retry_terms retry;
  overwritten then = overwritten::ignored;
  std::int64_t files_max = 1;
  std::int64_t group_bytes_max = 0;
  std::int64_t requeue_files_max = 1;
  /// True time, which steady clocks show and no statement asks.
  instant time{};

  /// Whether a fault that happens once in `n` times happens; never once the faults have ended.
  bool fault(std::uint64_t n) { return are_faults_on_ && dice.one_in(n); }
  std::vector<object>& objects() { return objects_; }
  object& object_of(std::string_view key);
  std::vector<listed_object> listing() const;

  void check(cause why, std::int64_t session);
  void renewed(claim held);
  void failed(const bad_file& bad);
  void completed(claim held);
  void believes_completed(claim held);
  void violated(const std::string& what);
  tally& count() { return counts_; }

 private:
  /// What is known of a file from outside the ledger, and what its row was at the last look.
  struct truth {
    status state = status::pending;
    std::string etag;
    std::int64_t token = 0;
    std::int64_t session = 0;
    std::int32_t failures = 0;
    std::int32_t expiries = 0;
    bool has_met_bug = false;
    instant renewed_at{};
    std::int64_t rows = 0;
    /// Of the claim that completed it last.
    std::int64_t completed_token = 0;
  };

  void begin();
  void step();
  void draw_faults();
  void draw_changes_of_objects();
  void put_object();
  void start_replica();
  void act(replica& one);
  /// One step of the server for a request; true when its sender is to know how it ended.
  bool serve(const std::shared_ptr<request>& sent);
  void serve_orphan(std::size_t index);
  /// What its coroutines have sent is done or not, and nobody hears of it.
  void abandon(replica& one);
  void restart_database();
  void bury();
  void settle();
  bool is_settled() const;
  bool is_listed(const object& one) const;
  void skip_idle_time();
  void pass(std::chrono::milliseconds by);
  void check_row(const row& file, truth& known, cause why, std::int64_t session);
  void check_change(const row& file, truth& known, cause why, std::int64_t session);
  void check_end();

  std::vector<object> objects_;
  std::vector<std::unique_ptr<replica>> replicas_;
  /// Requests whose connection is gone, and which the server may yet do.
  std::vector<std::shared_ptr<request>> orphans_;
  std::vector<truth> truths_;
  tally counts_;
  std::string violation_;
  std::size_t replicas_wanted_ = 1;
  std::int64_t sessions_ = 0;
  std::int64_t versions_ = 0;
  bool are_faults_on_ = true;
};

}  // namespace ingestor::ledger::model
