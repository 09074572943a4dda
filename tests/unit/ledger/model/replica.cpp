#include "model/replica.hpp"

#include "model/working.hpp"
#include "model/world.hpp"

#include <algorithm>

namespace ingestor::ledger::model {
namespace {

using namespace std::chrono_literals;

constexpr int beats_in_a_lease = 4;
constexpr auto listing_interval = 1500ms;
constexpr auto requeue_interval = 250ms;

script<void> keep_claims(replica& me, actor& self) {
  for (;;) {
    co_await self.rest_until(me.in.time + me.in.lease / beats_in_a_lease);
    if (me.claims.empty()) continue;
    const auto sent = std::make_shared<keep_request>(me.terms.session, me.held());
    co_await self.ask(sent);
    if (sent->is_lost) continue;
    for (const auto& held : sent->lost) me.forget(held);
  }
}

script<void> return_due(replica& me, actor& self) {
  for (;;) {
    const auto sent = std::make_shared<requeue_request>(me.terms.session, me.own_clock());
    co_await self.ask(sent);
    co_await self.rest_until(me.in.time + requeue_interval);
  }
}

// What is listed and what is queued of it may lie apart.
script<void> discover(replica& me, actor& self) {
  for (;;) {
    auto listed = me.in.listing();
    co_await self.step();
    const auto sent = std::make_shared<enqueue_request>(me.terms.session, std::move(listed));
    co_await self.ask(sent);
    co_await self.rest_until(me.in.time + listing_interval);
  }
}

}  // namespace

replica::replica(world& inside, std::int64_t session, std::size_t fetchers) : in{inside} {
  terms.session = session;
  terms.lease = in.lease;
  terms.files_max = in.files_max;
  terms.small_file_bytes_max = 100;
  terms.group_bytes_max = in.group_bytes_max;
  for (auto* const begun : {&keep_claims, &return_due, &discover}) {
    auto& one = add();
    one.body.emplace(begun(*this, one));
    one.next = one.body->handle();
  }
  for (std::size_t n = 0; n < fetchers; ++n) {
    auto& one = add();
    one.body.emplace(fetch(*this, one));
    one.next = one.body->handle();
  }
}

actor& replica::add() {
  actors.push_back(std::make_unique<actor>());
  return *actors.back();
}

void replica::stop() {
  is_stopping = true;
  actors.clear();
  auto& one = add();
  one.body.emplace(let_go(*this, one));
  one.next = one.body->handle();
}

std::vector<claim> replica::held() const {
  std::vector<claim> all;
  all.reserve(claims.size());
  for (const auto& [id, held] : claims) all.push_back(held);
  return all;
}

void replica::forget(claim held) {
  const auto found = claims.find(held.id);
  if (found != claims.end() && found->second == held) claims.erase(found);
}

instant replica::own_clock() const {
  return in.time + clock_error;
}

}  // namespace ingestor::ledger::model
