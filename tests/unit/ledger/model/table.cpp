#include "model/table.hpp"

#include <algorithm>
#include <array>

namespace ingestor::ledger::model {
namespace {

bool starts_with(const row& file, std::string_view key_prefix) {
  return file.key.starts_with(key_prefix);
}

// The model's clock begins where the real one does.
queue_position place_of(const row& file) {
  return {timestamp{file.queued_at}, file.id};
}

}  // namespace

std::string_view name(status state) {
  constexpr std::array<std::string_view, 4> names{"pending", "processing", "completed", "failed"};
  return names[static_cast<std::size_t>(state)];
}

std::vector<claim> claims_of(const outcome& end) {
  std::vector<claim> claims;
  claims.reserve(end.completed.size() + end.failed.size());
  for (const auto& file : end.completed) claims.push_back(file.held);
  for (const auto& file : end.failed) claims.push_back(file.held);
  return claims;
}

const row* table::find(std::string_view key) const {
  const auto found = std::ranges::find(rows_, key, &row::key);
  return found == rows_.end() ? nullptr : &*found;
}

const row* table::held_by(claim held) const {
  if (held.id < 1 || held.id > static_cast<std::int64_t>(rows_.size())) return nullptr;
  const auto& file = at(held.id);
  return file.token == held.token && file.state == status::processing ? &file : nullptr;
}

row* table::held_by(claim held) {
  return const_cast<row*>(static_cast<const table*>(this)->held_by(held));
}

// The object that is there now is the one to read.
void table::queue_changed(row& file, const listed_object& object) {
  file.etag = object.etag;
  file.size = object.size;
  if (broken_ != defect::changed_keeps_attempts) file.attempts = 0;
  file.lease_expiries = 0;
  file.next_attempt_at.reset();
  file.overwritten_etag.clear();
  if (broken_ == defect::replaced_rows_go_too_early) take_rows_of(file.id);
  if (file.state != status::pending) file.queued_at = now_;
  file.state = status::pending;
}

enqueued table::enqueue(std::span<const listed_object> objects, overwritten then) {
  enqueued counts{};
  std::vector<const listed_object*> inserted;
  for (const auto& object : objects) {
    const auto found = std::ranges::find(rows_, object.key, &row::key);
    if (found == rows_.end()) {
      inserted.push_back(&object);
      continue;
    }
    auto& file = *found;
    const bool is_other = file.etag != object.etag;
    if (file.state == status::processing) {
      if (is_other && broken_ == defect::changed_while_processing) file.etag = object.etag;
      continue;
    }
    const bool stays = file.state == status::completed && then == overwritten::ignored;
    if (is_other && (!stays || broken_ == defect::overwritten_queued_again)) {
      queue_changed(file, object);
      ++counts.changed;
    } else {
      file.overwritten_etag = is_other ? object.etag : "";
      counts.overwritten += is_other ? 1 : 0;
    }
  }
  std::ranges::sort(inserted, {}, &listed_object::key);
  for (const auto* object : inserted) {
    row file{};
    file.id = static_cast<std::int64_t>(rows_.size()) + 1;
    file.key = object->key;
    file.etag = object->etag;
    file.size = object->size;
    file.queued_at = now_;
    rows_.push_back(std::move(file));
    ++counts.queued;
  }
  return counts;
}

void table::take_rows_of(std::int64_t file) {
  std::erase_if(log_, [file](const landed& rows) { return rows.file == file; });
}

void table::to_queue(row& file) {
  file.state = status::pending;
  file.session = 0;
  file.lease_expires_at.reset();
  if (broken_ == defect::token_starts_anew_when_given_back) file.token = 0;
}

requeued table::requeue(std::string_view key_prefix, std::int64_t files_max, instant expired_by) {
  requeued counts{};
  std::vector<row*> due;
  std::vector<row*> silent;
  const auto deadline = broken_ == defect::expiry_by_the_replicas_clock ? expired_by : now_;
  for (auto& file : rows_) {
    if (!starts_with(file, key_prefix) || file.locked) continue;
    if (file.state == status::failed && file.next_attempt_at && *file.next_attempt_at <= now_) {
      due.push_back(&file);
    }
    if (file.state == status::processing && *file.lease_expires_at < deadline) {
      silent.push_back(&file);
    }
  }
  const auto first = [files_max](std::vector<row*>& files, auto by) {
    std::ranges::stable_sort(files, {}, by);
    files.resize(std::min(files.size(), static_cast<std::size_t>(files_max)));
  };
  first(due, [](const row* file) { return *file->next_attempt_at; });
  first(silent, [](const row* file) { return *file->lease_expires_at; });
  if (broken_ == defect::failures_never_retried) due.clear();
  if (broken_ == defect::lease_never_expires) silent.clear();
  for (auto* file : due) {
    file->state = status::pending;
    file->next_attempt_at.reset();
    file->queued_at = now_;
    ++counts.retried;
  }
  for (auto* file : silent) {
    ++file->lease_expiries;
    const bool is_last = file->lease_expiries >= lease_expiries_max;
    if (broken_ == defect::attempt_counted_at_expiry) ++file->attempts;
    if (is_last && broken_ != defect::never_given_up) {
      file->state = status::failed;
      file->next_attempt_at.reset();
      file->lease_expires_at.reset();
      file->session = 0;
      ++counts.given_up;
    } else {
      to_queue(*file);
      file->queued_at = now_;
      ++counts.expired;
    }
  }
  return counts;
}

std::vector<row*> table::queue(std::string_view key_prefix, std::int64_t files_max,
                               queue_position from) {
  std::vector<row*> files;
  for (auto& file : rows_) {
    const bool held = file.state == status::processing && broken_ == defect::claims_what_is_held &&
                      file.lease_expiries == 0;
    const bool is_passed = place_of(file) < from;
    if ((file.state == status::pending || held) && starts_with(file, key_prefix) && !file.locked &&
        !is_passed) {
      files.push_back(&file);
    }
  }
  std::ranges::sort(files, {}, [](const row* file) { return place_of(*file); });
  files.resize(std::min(files.size(), static_cast<std::size_t>(files_max)));
  return files;
}

std::vector<row*> table::chosen(const std::vector<row*>& queue, const claim_terms& terms) const {
  const auto alone = [&](const row* file) {
    const bool is_suspect = file->lease_expiries > 0 && broken_ != defect::suspects_join_groups;
    return file->size > terms.small_file_bytes_max || is_suspect || file->has_landed;
  };
  if (queue.empty()) return {};
  if (alone(queue.front())) return {queue.front()};
  std::vector<row*> group;
  std::int64_t bytes = 0;
  for (auto* file : queue) {
    if (alone(file)) continue;
    bytes += file->size;
    if (file == queue.front() || bytes <= terms.group_bytes_max) group.push_back(file);
  }
  return group;
}

std::vector<claimed_file> table::take(std::string_view key_prefix, const claim_terms& terms,
                                      queue_position from) {
  std::vector<claimed_file> files;
  for (auto* file : chosen(queue(key_prefix, terms.files_max, from), terms)) {
    file->state = status::processing;
    if (broken_ != defect::token_stays_at_claim || file->token == 0) ++file->token;
    claimed_file taken{};
    taken.place = place_of(*file);
    taken.landed_before = file->has_landed;
    file->session = terms.session;
    file->lease_expires_at = now_ + terms.lease;
    taken.held = {file->id, file->token};
    taken.key = file->key;
    taken.etag = file->etag;
    taken.size = file->size;
    taken.attempts = file->attempts;
    files.push_back(std::move(taken));
  }
  std::ranges::sort(files, {}, [](const claimed_file& file) { return file.held.id; });
  return files;
}

std::vector<claim> table::keep(std::span<const claim> claims, std::chrono::milliseconds lease) {
  std::vector<claim> lost;
  for (const auto& held : claims) {
    auto* const file = held_by(held);
    if (file == nullptr) {
      const auto& ended = at(held.id);
      if (ended.token != held.token || ended.state == status::pending) lost.push_back(held);
    } else if (!file->locked && broken_ != defect::heartbeat_forgotten) {
      file->lease_expires_at = now_ + lease;
    }
  }
  return lost;
}

std::uint64_t table::give_back(std::span<const claim> claims, place where) {
  std::uint64_t count = 0;
  for (const auto& held : claims) {
    auto* file = held_by(held);
    if (file == nullptr && broken_ == defect::given_back_by_anybody) {
      file = &edit(held.id);
      if (file->state != status::processing || file->locked) continue;
    }
    if (file == nullptr) continue;
    to_queue(*file);
    if (where == place::last) file->queued_at = now_;
    ++count;
  }
  return count;
}

std::uint64_t table::give_back_unknown(std::int64_t session, std::span<const claim> known) {
  std::uint64_t count = 0;
  for (auto& file : rows_) {
    if (file.state != status::processing || file.session != session) continue;
    if (std::ranges::find(known, file.id, &claim::id) != known.end()) continue;
    to_queue(file);
    ++count;
  }
  return count;
}

void table::give_back_changed(claim held, const std::string& etag, std::int64_t size) {
  auto* const file = held_by(held);
  if (file == nullptr) return;
  to_queue(*file);
  file->etag = etag;
  file->size = size;
  if (broken_ != defect::changed_keeps_attempts) file->attempts = 0;
  file->queued_at = now_;
}

std::vector<fate> table::settle(std::span<const claim> claims) {
  std::vector<fate> fates;
  for (const auto& held : claims) {
    auto& file = edit(held.id);
    auto found = fate::lost;
    if (file.token == held.token) {
      if (file.state == status::processing) found = fate::returned;
      if (file.state == status::completed) found = fate::completed;
      if (file.state == status::failed) found = fate::failed;
    }
    if (found == fate::returned) to_queue(file);
    fates.push_back(found);
  }
  return fates;
}

row* table::to_be_ended(claim held) {
  if (broken_ != defect::fence_ignores_token) return held_by(held);
  auto& file = edit(held.id);
  return file.state == status::processing ? &file : nullptr;
}

bool table::fence(const outcome& end) {
  const auto claims = claims_of(end);
  const auto fenced = std::ranges::count_if(
      claims, [&](const claim& held) { return to_be_ended(held) != nullptr; });
  const bool is_enough = fenced == std::ssize(claims) || broken_ == defect::commits_without_fence ||
                         (broken_ == defect::fence_wants_only_one_file && fenced > 0);
  if (!is_enough) return false;
  for (const auto& held : claims) {
    if (auto* const ended = to_be_ended(held)) ended->locked = true;
  }
  return true;
}

void table::fail(row& file, bool by_bug, const retry_terms& terms) const {
  file.state = status::failed;
  file.session = 0;
  file.lease_expiries = 0;
  file.lease_expires_at.reset();
  file.next_attempt_at.reset();
  if (by_bug) {
    file.attempts += broken_ == defect::bug_blamed_on_file ? 1 : 0;
    return;
  }
  ++file.attempts;
  const auto endless = retry_terms{terms.backoff, file.attempts + 1};
  const auto wait =
      next_attempt_after(file.attempts, broken_ == defect::failures_without_end ? endless : terms);
  if (wait) file.next_attempt_at = now_ + *wait;
}

void table::commit(const outcome& end, const retry_terms& terms) {
  for (const auto& file : end.completed) {
    if (file.landed_before && broken_ != defect::replaced_rows_stay) take_rows_of(file.held.id);
    if (broken_ != defect::rows_committed_before_status) land(file.held.id, file.etag);
    auto* const ended = to_be_ended(file.held);
    if (ended == nullptr) continue;
    ended->state = status::completed;
    ended->has_landed = true;
    ended->overwritten_etag.clear();
    ended->session = 0;
    ended->lease_expiries = 0;
    ended->lease_expires_at.reset();
    ended->next_attempt_at.reset();
  }
  for (const auto& file : end.failed) {
    if (auto* const ended = to_be_ended(file.held)) fail(*ended, file.by_bug, terms);
  }
  roll_back(end);
}

void table::roll_back(const outcome& end) {
  for (const auto& held : claims_of(end)) edit(held.id).locked = false;
}

bool table::waits_for(std::span<const claim> claims) const {
  return std::ranges::any_of(claims, [&](const claim& held) {
    const auto* const file = held_by(held);
    return file != nullptr && file->locked;
  });
}

bool table::waits_for_session(std::int64_t session) const {
  return std::ranges::any_of(rows_, [&](const row& file) {
    return file.state == status::processing && file.session == session && file.locked;
  });
}

}  // namespace ingestor::ledger::model
