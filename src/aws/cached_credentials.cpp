#include "aws/cached_credentials.hpp"

#include "aws/proto/expiration.hpp"
#include "http/awaiting.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>

#include <exception>
#include <optional>
#include <utility>

namespace ingestor::aws {
namespace {

namespace asio = boost::asio;

timestamp system_now() {
  return std::chrono::floor<timestamp::duration>(std::chrono::system_clock::now());
}

/// What else is thrown is a bug, which ends the program.
void rethrow_unless_cancelled(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const boost::system::system_error& failed) {
    if (failed.code() != asio::error::operation_aborted) throw;
  }
}

struct held_credentials {
  fetched_credentials it;
  std::optional<refresh_times> times;  ///< none: they do not expire
};

enum class need { none, soon, now };

/// What the source and a fetch that runs share: the fetch may outlive the source by a moment.
class cache : public std::enable_shared_from_this<cache> {
 public:
  cache(std::shared_ptr<provider> from, cache_options options)
      : from_{std::move(from)}, options_{std::move(options)} {
    if (!options_.now) options_.now = system_now;
  }

  asio::awaitable<result<credentials>> get();
  bool refused(const credentials& used);
  std::string origin() const { return held_ ? held_->it.origin : std::string{}; }
  void stop() { stop_.emit(asio::cancellation_type::terminal); }

 private:
  need needed() const;
  bool may_fetch() const;
  void start(const asio::any_io_executor& executor);
  static asio::awaitable<result<fetched_credentials>> fetch(std::shared_ptr<provider> from);
  void ended(const std::exception_ptr& thrown, result<fetched_credentials> got);
  void keep(fetched_credentials got);
  result<credentials> usable() const;

  std::shared_ptr<provider> from_;
  cache_options options_;
  std::optional<held_credentials> held_;
  bool refused_ = false;  // what is held
  error failure_;         // of the last fetch
  std::optional<timestamp> begun_;
  bool fetching_ = false;
  unsigned rounds_ = 0;                       // fetches that have ended
  std::optional<asio::steady_timer> waited_;  // on which those who wait, wait; never due
  asio::cancellation_signal stop_;
};

need cache::needed() const {
  if (!held_ || refused_) return need::now;
  if (!held_->times) return need::none;
  const auto now = options_.now();
  if (now < held_->times->advisory) return need::none;
  return now < held_->times->mandatory ? need::soon : need::now;
}

bool cache::may_fetch() const {
  // A clock that was set back must not keep anybody from fetching.
  const auto now = options_.now();
  return !begun_ || now < *begun_ || now - *begun_ >= options_.refresh_retry_min;
}

asio::awaitable<result<credentials>> cache::get() {
  const auto wanted = needed();
  if (wanted == need::none) co_return held_->it.given.keys;
  if (!fetching_ && may_fetch()) {
    const auto executor = co_await asio::this_coro::executor;
    start(executor);
  }
  if (wanted == need::now && fetching_) {
    const auto round = rounds_;
    // Woken by the end of the fetch, or by the caller's own cancellation.
    co_await waited_->async_wait(http::as_values);
    if (rounds_ == round) {
      co_return error{error_kind::cancelled, "the wait for credentials was stopped"};
    }
  }
  co_return usable();
}

void cache::start(const asio::any_io_executor& executor) {
  if (!waited_) waited_.emplace(executor, asio::steady_timer::time_point::max());
  fetching_ = true;
  begun_ = options_.now();
  asio::co_spawn(executor, fetch(from_),
                 asio::bind_cancellation_slot(
                     stop_.slot(), [self = shared_from_this()](const std::exception_ptr& thrown,
                                                               result<fetched_credentials> got) {
                       self->ended(thrown, std::move(got));
                     }));
}

asio::awaitable<result<fetched_credentials>> cache::fetch(std::shared_ptr<provider> from) {
  co_return co_await from->fetch();
}

void cache::ended(const std::exception_ptr& thrown, result<fetched_credentials> got) {
  fetching_ = false;
  ++rounds_;
  if (thrown) {
    failure_ = {error_kind::cancelled, "fetching credentials was stopped"};
  } else if (got) {
    keep(std::move(*got));
  } else {
    failure_ = got.error();
  }
  waited_->cancel();
  if (thrown) rethrow_unless_cancelled(thrown);
}

void cache::keep(fetched_credentials got) {
  const auto now = options_.now();
  const auto expires = got.given.expires;
  if (expires && *expires <= now) {
    failure_ = {error_kind::refused,
                got.origin + " gave credentials that have expired; check this machine's clock"};
    return;
  }
  held_.emplace();
  if (expires) held_->times = refresh_times_of(now, *expires);
  held_->it = std::move(got);
  refused_ = false;
}

/// What is held, as long as it is valid; else why there is nothing else.
result<credentials> cache::usable() const {
  if (!held_ || refused_) return failure_;
  const auto expires = held_->it.given.expires;
  if (expires && *expires <= options_.now()) return failure_;
  return held_->it.given.keys;
}

bool cache::refused(const credentials& used) {
  if (!held_) return true;
  const auto& keys = held_->it.given.keys;
  const bool same = used.access_key_id == keys.access_key_id &&
                    used.session_token == keys.session_token &&
                    used.secret_access_key == keys.secret_access_key;
  if (!same) return true;
  // What has just been fetched is as good as it gets.
  if (held_->it.fixed || (!fetching_ && !may_fetch())) return false;
  refused_ = true;
  failure_ = {error_kind::refused, "the credentials of " + held_->it.origin + " were refused"};
  return true;
}

class cached final : public credentials_source {
 public:
  cached(std::shared_ptr<provider> from, cache_options options)
      : cache_{std::make_shared<cache>(std::move(from), std::move(options))} {}
  cached(const cached&) = delete;
  cached& operator=(const cached&) = delete;
  ~cached() override { cache_->stop(); }

  asio::awaitable<result<credentials>> get() override { return get_from(cache_); }
  bool refused(const credentials& used) override { return cache_->refused(used); }
  std::string origin() const override { return cache_->origin(); }

 private:
  /// The cache is kept as long as somebody waits for it.
  static asio::awaitable<result<credentials>> get_from(std::shared_ptr<cache> from) {
    co_return co_await from->get();
  }

  std::shared_ptr<cache> cache_;
};

}  // namespace

std::shared_ptr<credentials_source> cached_credentials(std::shared_ptr<provider> from,
                                                       cache_options options) {
  return std::make_shared<cached>(std::move(from), std::move(options));
}

}  // namespace ingestor::aws
