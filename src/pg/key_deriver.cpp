#include "pg/key_deriver.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <utility>

namespace ingestor::pg {
namespace {

namespace asio = boost::asio;

asio::awaitable<wire::scram_key> on_this_thread(secret password, std::vector<std::byte> salt,
                                                std::uint32_t iterations) {
  co_return wire::derive_key(password.reveal(), salt, iterations);
}

}  // namespace

asio::awaitable<wire::scram_key> key_deriver::derive(secret password, std::vector<std::byte> salt,
                                                     std::uint32_t iterations) {
  auto work = on_this_thread(std::move(password), std::move(salt), iterations);
  co_return co_await asio::co_spawn(thread_, std::move(work), asio::use_awaitable);
}

}  // namespace ingestor::pg
