#include "ledger/retry.hpp"

#include "app/commands.hpp"
#include "app/configuration.hpp"
#include "app/event_loop.hpp"
#include "app/exit_code.hpp"
#include "app/ledger_view.hpp"
#include "app/preparation.hpp"
#include "base/utf8.hpp"
#include "ledger/glob.hpp"
#include "telemetry/figures.hpp"

#include <boost/asio/this_coro.hpp>

#include <string>
#include <string_view>

namespace ingestor::app {
namespace {

namespace asio = boost::asio;

struct retried {
  std::int64_t failed = 0;
  std::int64_t completed = 0;
  std::int64_t busy = 0;
};

/// Bytes of a wrong pattern that are repeated to whoever wrote it.
constexpr std::size_t pattern_bytes_shown = 200;

std::string beginning(std::string_view keys) {
  auto shown = storable_text(keys, pattern_bytes_shown);
  if (keys.size() > pattern_bytes_shown) shown += "…";
  return shown;
}

std::string files(std::int64_t count) {
  return telemetry::with_separators(static_cast<std::uint64_t>(count)) +
         (count == 1 ? " file" : " files");
}

std::string report(const retried& done, const retry_command& options, const ledger::scope& where) {
  std::string text;
  if (done.failed != 0) text += files(done.failed) + " will be tried again\n";
  if (done.completed != 0) {
    text += files(done.completed) + " will be loaded again, " +
            (done.completed == 1 ? "its" : "their") + " rows replaced\n";
  }
  if (text.empty()) {
    text = std::string{"nothing to do: no failed "} + (options.reingest ? "or completed " : "") +
           "file of " + printable(where) + " matches\n";
  }
  if (done.busy != 0) {
    text += files(done.busy) + (done.busy == 1 ? " is" : " are") +
            " being processed at this moment and " + (done.busy == 1 ? "was" : "were") +
            " left alone\n";
  }
  return text;
}

// Every page before the one that failed stays done, and is not done twice by another run.
refusal stopped_after(const retried& done, const pg::error& error) {
  auto why = refused("cannot queue the files again", error);
  const auto queued = done.failed + done.completed;
  if (queued != 0) why.text += "; " + files(queued) + " had been queued before that";
  return why;
}

asio::awaitable<result<retried, refusal>> retry_all(pg::connection& db, const ledger::scope& where,
                                                    const ledger::retry_wish& wish) {
  retried done{};
  std::int64_t after_id = 0;
  for (bool at_the_end = false; !at_the_end;) {
    const auto page = co_await ledger::retry_page(db, where, wish, after_id);
    if (!page) co_return stopped_after(done, page.error());
    done.failed += page->failed;
    done.completed += page->completed;
    done.busy += page->busy;
    after_id = page->last_id;
    at_the_end = page->at_the_end;
  }
  co_return done;
}

asio::awaitable<result<retried, refusal>> retry(const config::settings& settings,
                                                const ledger::scope& where,
                                                const ledger::retry_wish& wish) {
  auto db = co_await open_ledger(settings);
  if (!db) co_return db.error();
  auto done = co_await retry_all(**db, where, wish);
  co_await (*db)->close();
  co_return done;
}

asio::awaitable<int> retry_and_tell(const config::settings& settings, const retry_command& options,
                                    const ledger::retry_wish& wish) {
  const ledger::scope where{settings.s3.bucket, settings.s3.prefix};
  const auto done = co_await retry(settings, where, wish);
  if (!done) {
    const auto state = co_await asio::this_coro::cancellation_state;
    if (!interrupted(state)) complain(done.error().text);
    co_return done.error().exit_code;
  }
  co_return print(report(*done, options, where)) ? exit_code::ok : exit_code::failed;
}

}  // namespace

int execute(const retry_command& options) {
  const auto keys_like = ledger::regular_expression_of(options.keys);
  if (!keys_like) {
    complain("--key \"" + beginning(options.keys) +
             "\" is not a pattern: " + keys_like.error().text);
  }
  config::needs needs{};
  needs.s3 = config::s3_need::scope;
  const auto settings = load_settings(needs);
  if (!settings || !keys_like) return exit_code::usage;
  ledger::retry_wish wish{};
  wish.keys_like = *keys_like;
  wish.completed_too = options.reingest;
  event_loop loop;
  return loop.run(retry_and_tell(*settings, options, wish));
}

}  // namespace ingestor::app
