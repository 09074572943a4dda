#include "pg/key_deriver.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <memory>
#include <optional>
#include <utility>

namespace ingestor::pg {
namespace {

namespace asio = boost::asio;

// Shared by the thread and the loop, so that either may be done with it first. The thread writes
// `key` before it posts to the loop; the rest belongs to the loop.
struct derivation {
  explicit derivation(const asio::any_io_executor& loop)
      : done{loop, asio::steady_timer::time_point::max()} {}

  std::optional<wire::scram_key> key;
  asio::steady_timer done;
};

}  // namespace

asio::awaitable<wire::scram_key> key_deriver::derive(secret password, std::vector<std::byte> salt,
                                                     std::uint32_t iterations) {
  const auto loop = co_await asio::this_coro::executor;
  const auto work = std::make_shared<derivation>(loop);
  // The guard keeps the loop running until it has been told, though nobody may wait any more.
  asio::post(thread_, [mine = work, iterations, password = std::move(password),
                       salt = std::move(salt), guard = asio::make_work_guard(loop)]() mutable {
    mine->key = wire::derive_key(password.reveal(), salt, iterations);
    // The password goes along: a secret is forgotten on the loop's thread.
    asio::post(guard.get_executor(),
               [mine = std::move(mine), password = std::move(password)] { mine->done.cancel(); });
  });
  co_await work->done.async_wait(asio::as_tuple(asio::use_awaitable));
  if (!work->key) throw boost::system::system_error{asio::error::operation_aborted};
  co_return *work->key;
}

}  // namespace ingestor::pg
