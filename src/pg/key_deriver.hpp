// PBKDF2 takes milliseconds, by a server's choice up to a hundred: not on the loop's thread.
#pragma once

#include "base/secret.hpp"
#include "pg/wire/scram.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace ingestor::pg {

/// One thread, shared by all logins that are given it. Must outlive them. Their io_context must
/// outlive what is under way: run it to its end, or destroy this first, which waits for it.
class key_deriver {
 public:
  /// Bounded by wire::scram_iterations_max, and not interrupted; who is cancelled does not wait for
  /// it.
  boost::asio::awaitable<wire::scram_key> derive(secret password, std::vector<std::byte> salt,
                                                 std::uint32_t iterations);

 private:
  boost::asio::thread_pool thread_{1};
};

}  // namespace ingestor::pg
