#include "model/world.hpp"

#include "model/replica.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace ingestor::ledger::model {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t steps_with_faults = 600;
/// Rounds of all replicas after the faults; a schedule that needs more starves a file.
constexpr std::uint64_t rounds_to_settle_max = 5000;
constexpr auto years = std::chrono::hours{24 * 365};

}  // namespace

world::world(std::uint64_t seed, defect wrong) : dice{seed}, ledger{wrong}, broken{wrong} {
  retry.backoff = std::chrono::milliseconds{dice.between(100, 3000)};
  retry.attempts_max = static_cast<std::int32_t>(dice.between(1, 4));
  if (dice.one_in(2)) then = overwritten::replaced;
  files_max = dice.between(1, 6);
  group_bytes_max = dice.between(50, 300);
  requeue_files_max = dice.between(1, 4);
}

world::~world() = default;

std::string world::run() {
  begin();
  for (std::uint64_t n = 0; n < steps_with_faults && violation_.empty(); ++n) step();
  are_faults_on_ = false;
  if (violation_.empty()) settle();
  if (violation_.empty()) check_end();
  return violation_;
}

void world::begin() {
  const auto files = dice.between(3, 10);
  for (std::int64_t n = 0; n < files; ++n) put_object();
  if (dice.one_in(8)) {
    objects_[dice.below(objects_.size())].etag.front() = static_cast<char>(content::deadly);
  }
  replicas_wanted_ = 1 + dice.below(3);
  bury();
}

void world::put_object() {
  object made{};
  made.key = "k" + std::to_string(objects_.size());
  made.etag = "g" + std::to_string(++versions_);
  if (dice.one_in(6)) made.etag.front() = static_cast<char>(content::corrupt);
  if (dice.one_in(6)) made.etag.front() = static_cast<char>(content::poisonous);
  made.size = dice.one_in(5) ? 200 : dice.between(0, 60);
  objects_.push_back(std::move(made));
}

void world::start_replica() {
  replicas_.push_back(std::make_unique<replica>(*this, ++sessions_, 1 + dice.below(2)));
  if (dice.one_in(3)) replicas_.back()->clock_error = dice.between(-9, 9) * years;
}

void world::pass(std::chrono::milliseconds by) {
  time += by;
  ledger.advance(by);
}

void world::step() {
  ++counts_.steps;
  pass(std::chrono::milliseconds{dice.below(16)});
  draw_faults();
  if (!orphans_.empty() && dice.one_in(6)) {
    serve_orphan(dice.below(orphans_.size()));
  } else {
    act(*replicas_[dice.below(replicas_.size())]);
  }
  bury();
}

void world::draw_faults() {
  auto& one = *replicas_[dice.below(replicas_.size())];
  if (dice.one_in(100)) {
    ++counts_.kills;
    one.is_dead = true;
  } else if (dice.one_in(60)) {
    one.paused_until = time + std::chrono::milliseconds{dice.between(0, 3 * lease.count())};
  } else if (dice.one_in(200) && !one.is_stopping) {
    abandon(one);
    one.stop();
  } else if (dice.one_in(50)) {
    one.clock_error += dice.between(-9, 9) * years;
  } else if (dice.one_in(150)) {
    ledger.advance(std::chrono::milliseconds{dice.between(0, 3 * lease.count())});
  } else if (dice.one_in(200)) {
    restart_database();
  }
  bury();
  draw_changes_of_objects();
}

void world::draw_changes_of_objects() {
  auto& one = objects_[dice.below(objects_.size())];
  if (dice.one_in(60)) {
    constexpr std::array contents{content::good, content::good, content::corrupt,
                                  content::poisonous};
    one.etag =
        static_cast<char>(contents[dice.below(contents.size())]) + std::to_string(++versions_);
    one.size = dice.between(0, 120);
    one.exists = true;
  } else if (dice.one_in(300)) {
    one.exists = false;
    one.was_deleted = true;
  } else if (dice.one_in(100)) {
    put_object();
  }
}

void world::act(replica& one) {
  if (one.actors.empty()) return;
  auto& self = *one.actors[dice.below(one.actors.size())];
  if (self.waiting) {
    const bool has_ended = serve(self.waiting);
    if (!has_ended || one.paused_until > time) return;
    self.waiting.reset();
  } else if (one.paused_until > time || self.due > time) {
    return;
  }
  self.next.resume();
}

bool world::serve(const std::shared_ptr<request>& sent) {
  if (sent->is_answered || sent->is_lost) return true;
  if (fault(40)) {
    ++counts_.lost_answers;
    sent->is_lost = true;
    const auto how = dice.below(3);
    if (how == 0) {
      sent->abort(*this);
    } else if (how == 1 && !sent->waits(ledger)) {
      while (!sent->run(*this)) continue;
    } else {
      orphans_.push_back(sent);
    }
    return true;
  }
  if (sent->waits(ledger)) return false;
  sent->is_answered = sent->run(*this);
  return sent->is_answered;
}

void world::serve_orphan(std::size_t index) {
  const auto sent = orphans_[index];
  if (sent->waits(ledger)) return;
  if (sent->run(*this)) std::erase(orphans_, sent);
}

void world::abandon(replica& one) {
  for (auto& self : one.actors) {
    if (!self->waiting || self->waiting->is_answered || self->waiting->is_lost) continue;
    if (dice.one_in(2)) {
      orphans_.push_back(self->waiting);
    } else {
      self->waiting->abort(*this);
    }
  }
}

void world::restart_database() {
  for (const auto& sent : orphans_) sent->abort(*this);
  orphans_.clear();
  for (auto& one : replicas_) {
    for (auto& self : one->actors) {
      if (!self->waiting || self->waiting->is_answered) continue;
      self->waiting->abort(*this);
      self->waiting->is_lost = true;
    }
  }
}

// Of the dead nothing stays but what they have sent; others come in their place.
void world::bury() {
  for (auto& one : replicas_) {
    if (one->is_dead) abandon(*one);
  }
  std::erase_if(replicas_, [](const auto& one) { return one->is_dead; });
  while (replicas_.size() < replicas_wanted_) start_replica();
}

bool world::is_listed(const object& one) const {
  if (!one.exists) return true;
  const auto* const file = ledger.find(one.key);
  if (file == nullptr) return false;
  const bool is_ignored = file->state == status::completed && then == overwritten::ignored;
  return is_ignored || file->etag == one.etag;
}

bool world::is_settled() const {
  if (!orphans_.empty()) return false;
  const bool all_ended = std::ranges::all_of(ledger.rows(), [](const row& file) {
    return file.state == status::completed ||
           (file.state == status::failed && !file.next_attempt_at);
  });
  return all_ended &&
         std::ranges::all_of(objects_, [&](const object& one) { return is_listed(one); });
}

// Where there is nothing to do but to wait for a backoff or for the lease of the dead.
void world::skip_idle_time() {
  std::optional<instant> next;
  for (const auto& file : ledger.rows()) {
    if (file.state == status::pending) return;
    const bool is_held = std::ranges::any_of(
        replicas_, [&](const auto& one) { return one->terms.session == file.session; });
    if (file.state == status::processing && is_held) return;
    const auto& at =
        file.state == status::processing ? file.lease_expires_at : file.next_attempt_at;
    if (at && (!next || *at < *next)) next = at;
  }
  const bool all_listed =
      std::ranges::all_of(objects_, [&](const object& one) { return is_listed(one); });
  if (all_listed && next && *next > ledger.now()) pass(*next - ledger.now() + 1ms);
}

void world::settle() {
  for (auto& one : replicas_) one->paused_until = {};
  for (std::uint64_t round = 0; round < rounds_to_settle_max; ++round) {
    ++counts_.rounds;
    // One that waits for a lock has its turn again when its holder has ended.
    if (!orphans_.empty()) serve_orphan(dice.below(orphans_.size()));
    if (!violation_.empty() || is_settled()) return;
    for (auto& one : replicas_) {
      const auto actors = one->actors.size();
      for (std::size_t n = 0; n < actors && !one->is_dead && violation_.empty(); ++n) {
        pass(2ms);
        act(*one);
      }
    }
    bury();
    skip_idle_time();
  }
  for (const auto& file : ledger.rows()) {
    const bool ended =
        file.state == status::completed || (file.state == status::failed && !file.next_attempt_at);
    if (!ended) violated(file.key + " is starved: still " + std::string{name(file.state)});
  }
  violated("a listed object is not in the ledger");
}

object& world::object_of(std::string_view key) {
  return *std::ranges::find(objects_, key, &object::key);
}

std::vector<listed_object> world::listing() const {
  std::vector<listed_object> listed;
  for (const auto& one : objects_) {
    if (one.exists) listed.push_back({one.key, one.etag, one.size, {}});
  }
  return listed;
}

}  // namespace ingestor::ledger::model
