#include "model/working.hpp"

#include "model/world.hpp"

#include <algorithm>
#include <utility>

namespace ingestor::ledger::model {
namespace {

using namespace std::chrono_literals;

constexpr auto idle_poll = 200ms;
constexpr auto trouble_pause = 200ms;

enum class ending { completed, failed, not_committed, alone, unknown };
enum class reason { none, file, bug, changed, s3, database, claim_lost };

struct load_result {
  ending what = ending::not_committed;
  reason why = reason::none;
  /// Of the object that was read.
  std::string etag;
};

/// One use of a connection for rows.
struct session {
  bool is_usable = true;
};

enum class committed { yes, no, unknown };

std::int64_t load_milliseconds(const replica& me) {
  return me.in.dice.between(0, me.in.lease.count() / 8);
}

// The GET and the decoder.
load_result read(replica& me, const claimed_file& file) {
  load_result got{};
  const auto& found = me.in.object_of(file.key);
  const bool is_same = found.etag == file.etag || me.in.broken == defect::read_without_if_match;
  if (me.in.fault(25)) {
    got.why = reason::s3;
  } else if (found.exists && !is_same) {
    got.why = reason::changed;
  } else if (!found.exists || content_of(found.etag) == content::corrupt) {
    got.why = reason::file;
  } else if (content_of(found.etag) == content::deadly) {
    me.is_dead = true;
  }
  got.etag = found.etag;
  return got;
}

bool is_poisonous(const load_result& read) {
  return read.why == reason::none && content_of(read.etag) == content::poisonous;
}

script<committed> commit(replica& me, actor& self, session& db, outcome end) {
  const auto sent = std::make_shared<commit_request>(me.terms.session, std::move(end));
  co_await self.ask(sent);
  if (sent->is_lost) {
    db.is_usable = false;
    co_return me.in.broken == defect::unknown_taken_for_committed ? committed::yes
                                                                  : committed::unknown;
  }
  co_return sent->is_committed ? committed::yes : committed::no;
}

void settle(load_result& loaded, committed how, ending when_committed) {
  if (how == committed::yes) loaded.what = when_committed;
  if (how == committed::unknown) {
    loaded.what = ending::unknown;
    loaded.why = reason::database;
  }
  if (how == committed::no) loaded.why = reason::claim_lost;
}

// A COPY that the database does not take: because of a row, or because of itself.
reason copy(replica& me, session& db, bool has_poison) {
  if (me.in.fault(40)) {
    db.is_usable = me.in.dice.one_in(2);
    return me.in.broken == defect::database_blamed_on_file ? reason::file : reason::database;
  }
  if (me.in.fault(150)) return reason::bug;
  return has_poison ? reason::file : reason::none;
}

script<load_result> load_file(replica& me, actor& self, session& db, const claimed_file& file) {
  co_await self.rest_until(me.in.time + std::chrono::milliseconds{load_milliseconds(me)});
  auto loaded = read(me, file);
  if (me.is_dead) co_await self.step();
  if (loaded.why == reason::none) loaded.why = copy(me, db, is_poisonous(loaded));
  if (loaded.why == reason::none) {
    outcome end{};
    end.completed.push_back({file.held, loaded.etag, file.landed_before});
    const auto how = co_await commit(me, self, db, std::move(end));
    settle(loaded, how, ending::completed);
  }
  const bool is_blamed = loaded.why == reason::file || loaded.why == reason::bug;
  if (loaded.what == ending::not_committed && is_blamed && db.is_usable) {
    outcome end{};
    end.failed.push_back({file.held, file.attempts, loaded.why == reason::bug});
    const auto how = co_await commit(me, self, db, std::move(end));
    settle(loaded, how, ending::failed);
  }
  co_return loaded;
}

// Reads the members one by one; what has been read joins, up to an S3 that has trouble.
script<std::vector<load_result>> read_group(replica& me, actor& self,
                                            const std::vector<claimed_file>& files) {
  std::vector<load_result> results(files.size());
  bool is_halted = false;
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (is_halted) {
      results[i].why = reason::s3;
      continue;
    }
    co_await self.rest_until(me.in.time + std::chrono::milliseconds{load_milliseconds(me)});
    results[i] = read(me, files[i]);
    if (me.is_dead) co_await self.step();
    is_halted = results[i].why == reason::s3;
    if (results[i].why == reason::none && me.in.dice.one_in(10)) results[i].what = ending::alone;
  }
  co_return results;
}

bool joins(const load_result& one) {
  return one.what == ending::not_committed && one.why == reason::none;
}

// Nothing of the group is stored: each file shows alone whether the rows were its own.
void break_up(const replica& me, std::vector<load_result>& results, reason why) {
  for (auto& one : results) {
    if (one.what == ending::alone || one.why == reason::changed) continue;
    one.why = why;
    const bool is_tried_alone =
        (why == reason::file || why == reason::bug) && me.in.broken != defect::neighbours_blamed;
    one.what = is_tried_alone ? ending::alone : ending::not_committed;
  }
}

outcome outcome_of(const std::vector<claimed_file>& files,
                   const std::vector<load_result>& results) {
  outcome end{};
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (results[i].what != ending::not_committed) continue;
    if (joins(results[i])) {
      end.completed.push_back({files[i].held, results[i].etag, files[i].landed_before});
    }
    if (results[i].why == reason::file) {
      end.failed.push_back({files[i].held, files[i].attempts});
    }
  }
  return end;
}

script<std::vector<load_result>> load_group(replica& me, actor& self, session& db,
                                            const std::vector<claimed_file>& files) {
  auto results = co_await read_group(me, self, files);
  const bool has_poison = std::ranges::any_of(
      results, [](const load_result& one) { return joins(one) && is_poisonous(one); });
  const auto refused = copy(me, db, has_poison);
  if (refused != reason::none) break_up(me, results, refused);
  auto end = outcome_of(files, results);
  if (end.completed.empty() && end.failed.empty()) co_return results;
  if (refused == reason::database) co_return results;
  const auto how = co_await commit(me, self, db, std::move(end));
  if (how == committed::no) {
    break_up(me, results, reason::claim_lost);
    co_return results;
  }
  for (auto& one : results) {
    if (one.what != ending::not_committed) continue;
    if (joins(one)) {
      settle(one, how, ending::completed);
    } else if (one.why == reason::file) {
      settle(one, how, ending::failed);
    }
  }
  co_return results;
}

script<void> give_back(replica& me, actor& self, std::vector<claim> claims, place where) {
  if (claims.empty()) co_return;
  const auto until = me.in.time + me.in.lease;
  do {
    const auto sent = std::make_shared<give_back_request>(me.terms.session, claims, where);
    co_await self.ask(sent);
    if (sent->is_answered) break;
    co_await self.rest_until(me.in.time + trouble_pause);
  } while (me.in.time < until);
  for (const auto& held : claims) me.forget(held);
}

script<void> resolve_unknown(replica& me, actor& self, const std::vector<claimed_file>& files,
                             std::vector<load_result>& results) {
  std::vector<claim> claims;
  std::vector<std::size_t> indexes;
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (results[i].what != ending::unknown) continue;
    claims.push_back(files[i].held);
    indexes.push_back(i);
  }
  if (claims.empty()) co_return;
  std::vector<fate> fates(claims.size(), fate::lost);
  const auto until = me.in.time + me.in.lease;
  do {
    const auto sent = std::make_shared<settle_request>(me.terms.session, claims);
    co_await self.ask(sent);
    if (sent->is_answered) {
      fates = sent->fates;
      break;
    }
    co_await self.rest_until(me.in.time + trouble_pause);
  } while (me.in.time < until);
  for (std::size_t n = 0; n < indexes.size(); ++n) {
    auto& one = results[indexes[n]];
    one.what = ending::not_committed;
    if (fates[n] == fate::completed) one.what = ending::completed;
    if (fates[n] == fate::failed) one.what = ending::failed;
  }
}

// The object is not the one that was listed: records what it is by now, or, where the listing
// insists, its failure. True when the failure is recorded.
script<bool> relist(replica& me, actor& self, const claimed_file& file) {
  co_await self.step();
  if (me.in.fault(10)) co_return false;
  const auto& found = me.in.object_of(file.key);
  if (!found.exists) co_return false;
  if (found.etag == file.etag || me.in.fault(10)) {
    session db{};
    outcome end{};
    end.failed.push_back({file.held, file.attempts});
    const auto how = co_await commit(me, self, db, std::move(end));
    co_return how == committed::yes;
  }
  listed_object listed{};
  listed.key = found.key;
  listed.etag = found.etag;
  listed.size = found.size;
  const auto sent =
      std::make_shared<give_back_changed_request>(me.terms.session, file.held, std::move(listed));
  co_await self.ask(sent);
  co_return false;
}

script<void> conclude(replica& me, actor& self, const std::vector<claimed_file>& files,
                      std::vector<load_result> results) {
  co_await resolve_unknown(me, self, files, results);
  std::vector<claim> kept;
  std::vector<claim> last;
  for (std::size_t i = 0; i < files.size(); ++i) {
    auto& one = results[i];
    if (one.what == ending::not_committed && one.why == reason::changed) {
      const bool recorded = co_await relist(me, self, files[i]);
      if (recorded) one.what = ending::failed;
    }
    if (one.what == ending::completed || one.what == ending::failed) {
      me.forget(files[i].held);
      if (one.what == ending::completed) me.in.believes_completed(files[i].held);
    } else if (one.what == ending::not_committed) {
      (one.why == reason::s3 ? last : kept).push_back(files[i].held);
    }
  }
  co_await give_back(me, self, std::move(kept), place::kept);
  co_await give_back(me, self, std::move(last), place::last);
}

// True unless there was no answer.
script<bool> give_back_unheard(replica& me, actor& self) {
  if (me.in.time >= me.unheard_until) co_return true;
  const auto sent = std::make_shared<give_back_unknown_request>(me.terms.session, me.held());
  co_await self.ask(sent);
  co_return sent->is_answered;
}

// One claim at a time in a process: while an answer is on its way nothing looks unheard.
script<std::vector<claimed_file>> claim_files(replica& me, actor& self) {
  while (me.is_claiming) co_await self.step();
  me.is_claiming = true;
  std::vector<claimed_file> files;
  const bool returned = co_await give_back_unheard(me, self);
  if (returned) {
    const queue_position front;
    const queue_cursor::clock::time_point now{me.in.time};
    const auto from = me.cursor.next(now);
    auto sent = std::make_shared<take_request>(me.terms.session, me.terms, from);
    co_await self.ask(sent);
    if (sent->is_answered && sent->files.empty() && from != front) {
      sent = std::make_shared<take_request>(me.terms.session, me.terms, front);
      co_await self.ask(sent);
    }
    if (sent->is_lost) {
      me.unheard_until = me.in.time + me.in.lease;
    } else {
      files = std::move(sent->files);
      if (!files.empty()) {
        const auto first = std::ranges::min_element(files, {}, &claimed_file::place);
        me.cursor.claimed(sent->from, first->place, now);
      }
    }
  }
  for (const auto& file : files) me.claims.insert_or_assign(file.held.id, file.held);
  me.is_claiming = false;
  co_return files;
}

script<void> load_one(replica& me, actor& self, session& db, const claimed_file& file) {
  std::vector<load_result> results(1);
  results[0].why = reason::database;
  if (db.is_usable) results[0] = co_await load_file(me, self, db, file);
  const std::vector<claimed_file> just_this{file};
  co_await conclude(me, self, just_this, std::move(results));
}

script<void> load_together(replica& me, actor& self, session& db,
                           const std::vector<claimed_file>& files) {
  auto results = co_await load_group(me, self, db, files);
  std::vector<claimed_file> alone;
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (results[i].what == ending::alone) alone.push_back(files[i]);
  }
  co_await conclude(me, self, files, std::move(results));
  for (const auto& file : alone) co_await load_one(me, self, db, file);
}

}  // namespace

script<void> fetch(replica& me, actor& self) {
  for (;;) {
    const auto files = co_await claim_files(me, self);
    if (files.empty()) {
      co_await self.rest_until(me.in.time + idle_poll);
      continue;
    }
    session db{};
    if (files.size() == 1) {
      co_await load_one(me, self, db, files.front());
    } else {
      co_await load_together(me, self, db, files);
    }
  }
}

script<void> let_go(replica& me, actor& self) {
  auto held = me.held();
  co_await give_back(me, self, std::move(held), place::kept);
  (void)co_await give_back_unheard(me, self);
  me.is_dead = true;
}

}  // namespace ingestor::ledger::model
