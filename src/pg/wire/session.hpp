// Messages about the session itself: what the server is set to, how to cancel it, whether it is
// ready. ParameterStatus and NotificationResponse (as NoticeResponse) come at any moment.
// Source: PostgreSQL documentation, "Message Formats", "Asynchronous Operations".
#pragma once

#include "pg/wire/empty_message.hpp"
#include "pg/wire/malformed.hpp"
#include "pg/wire/writer.hpp"

#include <string_view>

namespace ingestor::pg::wire {

struct parameter_status {
  static constexpr char type = 'S';
  std::string_view name;
  std::string_view value;

  void encode(writer& out) const;
  static decoded<parameter_status> decode(const_bytes body);
  friend bool operator==(const parameter_status&, const parameter_status&) = default;
};

struct notification_response {
  static constexpr char type = 'A';
  std::int32_t process_id = 0;
  std::string_view channel;
  std::string_view payload;

  void encode(writer& out) const;
  static decoded<notification_response> decode(const_bytes body);
  friend bool operator==(const notification_response&, const notification_response&) = default;
};

struct backend_key_data {
  static constexpr char type = 'K';
  std::int32_t process_id = 0;
  std::int32_t secret_key = 0;

  void encode(writer& out) const;
  static decoded<backend_key_data> decode(const_bytes body);
  friend bool operator==(const backend_key_data&, const backend_key_data&) = default;
};

struct ready_for_query {
  static constexpr char type = 'Z';
  /// 'I' idle, 'T' in a transaction, 'E' in a failed one.
  char transaction_status = 'I';

  void encode(writer& out) const;
  static decoded<ready_for_query> decode(const_bytes body);
  friend bool operator==(const ready_for_query&, const ready_for_query&) = default;
};

/// The client says goodbye.
using terminate = empty_message<'X'>;

}  // namespace ingestor::pg::wire
