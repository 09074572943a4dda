// How a claim ends: the statements that travel with COMMIT.
//
// Rows, rejected lines and these share one transaction. Each is fenced: it raises ingestor_fence's
// SQLSTATE unless every file in it is still held under its token, so that COMMIT, which follows in
// the same write, is never reached by a replica that has lost its claim.
#pragma once

#include "base/time.hpp"
#include "ledger/claim.hpp"
#include "ledger/policy.hpp"
#include "pg/connection.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace ingestor::ledger {

/// The SQLSTATE of ingestor_fence().
inline constexpr std::string_view claim_lost_sqlstate = "IG001";

struct completed_file {
  claim held;
  std::uint64_t rows = 0;
  std::uint64_t lines_rejected = 0;
  /// Of the rows; meaningless where there are none.
  timestamp first_timestamp;
  timestamp last_timestamp;
  std::uint64_t bytes_inflated = 0;
  std::string_view compression;
};

struct failed_file {
  claim held;
  /// File failures before this one.
  std::int32_t attempts = 0;
  /// It failed by a bug of this program: that uses up no attempt, and the same bytes are not tried
  /// again before somebody asks for it.
  bool by_bug = false;
  std::string_view stage;
  /// Any text; what PostgreSQL cannot hold in it is replaced.
  std::string error;
};

/// How long the file waits for its next attempt; nothing when it stays failed.
std::optional<std::chrono::milliseconds> next_attempt_of(const failed_file& file,
                                                         const retry_terms& terms);

pg::statement complete_statement(std::span<const completed_file> files, std::string_view replica);

pg::statement fail_statement(std::span<const failed_file> files, std::string_view replica,
                             const retry_terms& terms);

/// The same by itself, without rows.
boost::asio::awaitable<pg::result<void>> fail(pg::connection& db, const failed_file& file,
                                              std::string_view replica, const retry_terms& terms);

}  // namespace ingestor::ledger
