// What must be true of the ledger at any moment, and what must become true.
#include "model/world.hpp"

#include <algorithm>

namespace ingestor::ledger::model {

void world::violated(const std::string& what) {
  if (violation_.empty()) {
    violation_ = "step " + std::to_string(counts_.steps) + ": " + what;
  }
}

// A heartbeat or a claim of whoever holds the file got through.
void world::renewed(claim held) {
  const auto& file = ledger.at(held.id);
  const bool is_held = file.token == held.token && file.state == status::processing;
  if (is_held && !file.locked) {
    truths_[static_cast<std::size_t>(held.id - 1)].renewed_at = ledger.now();
  }
}

// A failure of this file is being committed.
void world::failed(const bad_file& bad) {
  const auto held = bad.held;
  auto& known = truths_[static_cast<std::size_t>(held.id - 1)];
  const auto& file = ledger.at(held.id);
  const auto& now = object_of(file.key);
  const auto what = content_of(file.etag);
  const bool is_held = file.token == held.token && file.state == status::processing;
  if (bad.by_bug) {
    known.has_met_bug = known.has_met_bug || is_held;
    return;
  }
  const bool is_bad = what == content::corrupt || what == content::poisonous;
  if (!is_bad && !now.was_deleted && now.etag == file.etag) {
    violated(file.key + " is blamed for what is not its fault");
  }
  if (is_held) ++known.failures;
}

void world::completed(claim held) {
  truths_[static_cast<std::size_t>(held.id - 1)].completed_token = held.token;
}

// A replica tells people that it has loaded a file.
void world::believes_completed(claim held) {
  if (truths_[static_cast<std::size_t>(held.id - 1)].completed_token < held.token) {
    violated(ledger.at(held.id).key + " is said to be completed, and is not");
  }
}

void world::check(cause why, std::int64_t session) {
  const auto& rows = ledger.rows();
  for (auto n = truths_.size(); n < rows.size(); ++n) {
    truths_.emplace_back().etag = rows[n].etag;
    if (why != cause::enqueue) violated("a file from nowhere");
  }
  for (auto& known : truths_) known.rows = 0;
  for (const auto& brought : ledger.log()) {
    const auto index = static_cast<std::size_t>(brought.file - 1);
    if (index >= rows.size()) {
      violated("rows of a file that is not in the ledger");
      return;
    }
    ++truths_[index].rows;
    if (rows[index].state == status::completed && brought.etag != rows[index].etag) {
      violated(rows[index].key + " has rows of " + brought.etag + ", and the ledger says " +
               rows[index].etag);
    }
  }
  for (std::size_t n = 0; n < rows.size(); ++n) check_row(rows[n], truths_[n], why, session);
}

void world::check_row(const row& file, truth& known, cause why, std::int64_t session) {
  if (file.state == status::completed && known.completed_token != file.token) {
    violated(file.key + " is completed by nobody");
  }
  if (file.token < known.token) violated(file.key + ": its token fell");
  if (file.state == status::processing && known.state == status::processing &&
      file.token != known.token) {
    violated(file.key + " was taken from a claim that holds it");
  }
  if (file.state != known.state) check_change(file, known, why, session);
  // Where it is to be replaced, its rows stay until the new ones come.
  const std::int64_t wanted = known.completed_token > 0 ? 1 : 0;
  if (known.rows != wanted) {
    violated(file.key + " is " + std::string{name(file.state)} + " and landed " +
             std::to_string(known.rows) + " times");
  }
  if (file.etag != known.etag) {
    known.failures = 0;
    known.has_met_bug = false;
  }
  if (file.attempts != known.failures) {
    violated(file.key + " failed " + std::to_string(known.failures) + " times and has " +
             std::to_string(file.attempts) + " attempts used up");
  }
  if (file.attempts > retry.attempts_max) violated(file.key + " has too many attempts");
  known.state = file.state;
  known.token = file.token;
  known.session = file.session;
  known.etag = file.etag;
}

void world::check_change(const row& file, truth& known, cause why, std::int64_t session) {
  const auto from = known.state;
  const auto to = file.state;
  bool is_allowed = false;
  if (from == status::completed && to == status::pending) {
    is_allowed = why == cause::enqueue && then == overwritten::replaced && file.etag != known.etag;
  } else if (from == status::pending && to == status::processing) {
    is_allowed = why == cause::take;
    if (file.token <= known.token) violated(file.key + " was claimed under an old token");
  } else if (from == status::processing && (to == status::completed || to == status::failed) &&
             why == cause::commit) {
    is_allowed = true;
    known.expiries = 0;
  } else if (from == status::failed && to == status::pending) {
    is_allowed = why == cause::requeue || why == cause::enqueue;
    if (why == cause::enqueue) known.expiries = 0;
  } else if (from == status::processing && why == cause::requeue) {
    is_allowed = to == status::pending || to == status::failed;
    if (known.renewed_at + lease >= ledger.now()) {
      violated(file.key + " was taken from a replica that had kept its lease");
    }
    ++known.expiries;
    if (to == status::failed && known.expiries < lease_expiries_max) {
      violated(file.key + " was given up too early");
    }
  } else if (from == status::processing && to == status::pending && why == cause::give_back) {
    is_allowed = true;
    if (session != known.session) violated(file.key + " was given back by another than its holder");
  }
  if (!is_allowed) {
    violated(file.key + " went " + std::string{name(from)} + " → " + std::string{name(to)});
  }
}

// Nothing is left to do: everything has ended as it deserves.
void world::check_end() {
  for (const auto& one : objects_) {
    const auto* const file = ledger.find(one.key);
    if (file == nullptr || file->state == status::completed) continue;
    const bool is_given_up = file->lease_expiries >= lease_expiries_max;
    const auto what = content_of(file->etag);
    const auto& known = truths_[static_cast<std::size_t>(file->id - 1)];
    if (known.has_met_bug) continue;
    if (is_given_up) {
      if (what != content::deadly) violated(file->key + " was given up, and killed nobody");
    } else if (file->attempts != retry.attempts_max) {
      violated(file->key + " stays failed after " + std::to_string(file->attempts) + " of " +
               std::to_string(retry.attempts_max) + " attempts");
    } else if (one.exists && what == content::good) {
      violated(file->key + " is good and failed");
    }
  }
  for (const auto& file : ledger.rows()) {
    const auto what = content_of(file.etag);
    if (file.state == status::completed && what != content::good) {
      violated(file.key + " is bad and completed");
    }
  }
}

}  // namespace ingestor::ledger::model
