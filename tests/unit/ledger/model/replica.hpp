// A replica as src/ingest is one: fetchers, heartbeats, the return of what is due, listings.
#pragma once

#include "model/requests.hpp"
#include "model/script.hpp"

#include <coroutine>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace ingestor::ledger::model {

class world;

/// One coroutine of a replica, and what it waits for.
struct actor {
  struct wait {
    actor& self;

    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> here) const noexcept { self.next = here; }
    void await_resume() const noexcept {}
  };

  /// Until the schedule comes back to it.
  wait step() { return wait{*this}; }
  wait rest_until(instant when) {
    due = when;
    return wait{*this};
  }
  /// Until there is an answer, or none is to be expected: see the request.
  wait ask(std::shared_ptr<request> sent) {
    waiting = std::move(sent);
    return wait{*this};
  }

  std::coroutine_handle<> next;
  std::shared_ptr<request> waiting;
  instant due{};
  std::optional<script<void>> body;
};

class replica {
 public:
  replica(world& in, std::int64_t session, std::size_t fetchers);
  replica(const replica&) = delete;
  replica& operator=(const replica&) = delete;
  ~replica() = default;

  /// SIGTERM whose grace is over: work ends wherever it is, claims are given back.
  void stop();
  std::vector<claim> held() const;
  void forget(claim held);
  /// What it takes for the time, which nothing may depend on.
  instant own_clock() const;

  world& in;
  claim_terms terms;
  /// What the keeper extends; by file id.
  std::map<std::int64_t, claim> claims;
  bool is_claiming = false;
  queue_cursor cursor;
  instant unheard_until{-1};
  instant paused_until{};
  std::chrono::milliseconds clock_error{};
  bool is_stopping = false;
  bool is_dead = false;
  std::vector<std::unique_ptr<actor>> actors;

 private:
  actor& add();
};

}  // namespace ingestor::ledger::model
