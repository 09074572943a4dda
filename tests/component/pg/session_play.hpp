// Many sessions at a time on one loop, each of a client and of a server that follows a script and,
// where it is told to, does something else.
#pragma once

#include "pg/connection.hpp"
#include "pg/key_deriver.hpp"
#include "script.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ingestor::pg {

/// What the server does instead of one of its answers.
enum class fault {
  none,
  silence,
  silence_in_a_message,
  end,
  reset,
  error,         ///< ERROR 23505, and ReadyForQuery
  fatal,         ///< FATAL 57P01, and the end
  out_of_place,  ///< a message that has no place anywhere
  garbage,       ///< what is no message at all
};

inline constexpr std::string_view password_of_plays = "correct horse battery staple";

/// The client's side, and what came of it.
struct client_role {
  connection_options options;
  key_deriver& keys;
  /// For each operation under test.
  std::chrono::milliseconds limit;
  std::unique_ptr<connection> session = nullptr;

  struct outcome {
    std::string_view operation;
    std::optional<error> failure;
  };
  std::vector<outcome> outcomes = {};

  template <class T>
  void note(std::string_view operation, const result<T>& what) {
    outcomes.push_back({operation, what ? std::nullopt : std::optional{what.error()}});
  }
};

using client_part = boost::asio::awaitable<void> (*)(client_role&);

struct session_case {
  std::string name;
  script steps;
  client_part client = nullptr;
  bool over_tls = false;
  std::chrono::milliseconds limit{0};
  /// The step from which on `cut` counts bytes, and `fails_at` steps.
  std::size_t from = 0;
  fault fails = fault::none;
  std::size_t fails_at = 0;
  /// The stream to the client ends after so many bytes, those of TLS included.
  std::optional<std::size_t> cut = {};
};

/// Which value each query gets that comes after the script is through.
inline constexpr std::int64_t value_of_queries_behind_the_script = 4711;

struct played_session {
  std::vector<client_role::outcome> outcomes;
  /// Of all connections together, as it was before TLS.
  std::string heard;
  /// From `from` on.
  std::size_t bytes_sent = 0;
  bool was_cut = false;
};

using judgement = std::function<void(const session_case&, const played_session&)>;

/// Of each, three descriptors are open.
inline constexpr std::size_t sessions_at_a_time = 100;

/// Plays all, many at a time, and gives each with what came of it to `judge`. Fails the test where
/// one hangs, throws, or leaves a descriptor open.
void play_all(const std::vector<session_case>& cases, const judgement& judge);

/// The same, but for sessions in which both sides come to wait for each other: their server goes
/// away, they are not judged, and it says which they are. So nobody waits for their deadlines; let
/// play_all() do that with a short one.
std::vector<std::size_t> play_all_that_move(const std::vector<session_case>& cases,
                                            const judgement& judge);

}  // namespace ingestor::pg
