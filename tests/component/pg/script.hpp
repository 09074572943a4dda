// What a server does in one session, as data: so that it can be varied by a machine.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace ingestor::pg {

struct step {
  enum class act {
    accept,           ///< another connection
    receive_untyped,  ///< the first message of a connection
    receive,          ///< everything up to a message of `type`
    send,             ///< `bytes`: one message
    start_tls,        ///< 'S', and the handshake
    challenge,        ///< the second message of SCRAM, which depends on the client's first
    verdict,          ///< its last, which depends on the client's proof
    close,
  };

  act what = act::accept;
  char type = 0;
  std::string bytes = {};
  /// What becomes of a message before it is sent; none: nothing.
  std::function<std::string(std::string)> edit = {};
  bool one_byte_at_a_time = false;
};

using script = std::vector<step>;

/// Whether the client hears of it.
inline bool is_answer(const step& each) {
  return each.what >= step::act::send;
}

/// Whether it is bytes of the protocol.
inline bool is_message(const step& each) {
  return is_answer(each) && each.what != step::act::start_tls && each.what != step::act::close;
}

inline step accepts() {
  return {step::act::accept, 0};
}
inline step hears_first() {
  return {step::act::receive_untyped, 0};
}
inline step hears(char type) {
  return {step::act::receive, type};
}
inline step says(std::string message) {
  return {step::act::send, 0, std::move(message)};
}
inline step starts_tls() {
  return {step::act::start_tls, 0};
}
inline step challenges() {
  return {step::act::challenge, 0};
}
inline step judges() {
  return {step::act::verdict, 0};
}
inline step closes() {
  return {step::act::close, 0};
}

}  // namespace ingestor::pg
