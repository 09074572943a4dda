// How the places that give credentials are asked: how long they may take, and through whom.
#pragma once

#include "http/proxy.hpp"

#include <chrono>
#include <cstddef>

namespace ingestor::aws {

struct call_limits {
  /// Name lookup, TCP and TLS.
  std::chrono::milliseconds connect;
  /// From the request to the end of the answer's head.
  std::chrono::milliseconds first_byte;
  /// Of the body.
  std::chrono::milliseconds body;
  int attempts_max;
};

struct limits {
  call_limits sts{std::chrono::seconds{5}, std::chrono::seconds{10}, std::chrono::seconds{10}, 3};
  call_limits container{std::chrono::seconds{2}, std::chrono::seconds{2}, std::chrono::seconds{5},
                        3};
  /// Where there is no instance metadata, nothing answers: short, because many wait for it in vain.
  call_limits metadata{std::chrono::seconds{1}, std::chrono::seconds{1}, std::chrono::seconds{2},
                       2};
  /// Before the second attempt; doubled for each further one.
  std::chrono::milliseconds pause{500};
  /// A credential_process, from its start to its end.
  std::chrono::milliseconds process{60'000};
  /// For STS alone: the others are on this machine, or next to it.
  http::proxy_settings sts_proxies{};
};

}  // namespace ingestor::aws
