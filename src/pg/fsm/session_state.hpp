// What a session knows about itself. The server tells it at any moment it likes.
#pragma once

#include "pg/fsm/error.hpp"
#include "pg/wire/frame.hpp"
#include "pg/wire/session.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace ingestor::pg::fsm {

/// A server reports some fifteen settings of a few dozen bytes each.
inline constexpr std::size_t parameters_bytes_max = 64U * 1024;

class session_state {
 public:
  /// Whether absorb() takes messages of this type.
  static bool absorbs(char type);

  /// Takes NoticeResponse, ParameterStatus and NotificationResponse, which are allowed everywhere
  /// once the session is established; says whether the frame was one of them. An error, such as
  /// that the client's encoding is no longer UTF8, means that the connection must be closed.
  result<bool> absorb(const wire::frame& frame);

  /// Empty when the server did not report it.
  std::string_view parameter(std::string_view name) const;

  void set_ready(char transaction_status) { transaction_status_ = transaction_status; }
  /// That of the last ReadyForQuery: 'I' idle, 'T' in a transaction, 'E' in a failed one.
  char transaction_status() const { return transaction_status_; }

  void set_key(const wire::backend_key_data& key) { key_ = key; }
  /// Nothing when the server gave none, as poolers may.
  const std::optional<wire::backend_key_data>& key() const { return key_; }

  /// Notices seen and dropped.
  std::uint64_t notices() const { return notices_; }

 private:
  result<bool> keep_parameter(const wire::frame& frame);

  std::map<std::string, std::string, std::less<>> parameters_;
  std::size_t parameters_bytes_ = 0;
  std::optional<wire::backend_key_data> key_;
  std::uint64_t notices_ = 0;
  char transaction_status_ = 'I';
};

}  // namespace ingestor::pg::fsm
