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

/// One thread, shared by all logins that are given it. Must outlive them, and be destroyed before
/// their io_context; its destructor waits for the derivation under way.
class key_deriver {
 public:
  /// Cannot be interrupted; bounded by wire::scram_iterations_max.
  boost::asio::awaitable<wire::scram_key> derive(secret password, std::vector<std::byte> salt,
                                                 std::uint32_t iterations);

 private:
  boost::asio::thread_pool thread_{1};
};

}  // namespace ingestor::pg
