// The values of one log line that the columns are made of, as they stand in its text.
//
// record_reader collects them from the events of a parse (json_parser.hpp). Nothing is copied or
// converted: jsonb keeps the text of a number exactly, so the text is what must reach it.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace ingestor::normalise {

/// The names that are looked for: at the top level, and (`req_…`) in the object `req`.
enum class field : std::size_t {
  time,
  timestamp,
  at_timestamp,
  level,
  msg,
  message,
  query,
  params,
  context,
  auth_user_id,
  pid,
  hostname,
  processing_time_ms,
  response_time,
  cache_hit,
  document_count,
  last_updated,
  req,
  req_method,
  req_url,
  req_query,
  req_headers,
  req_params,
  req_remote_address,
  req_remote_port,
  other,  ///< any other name
};

inline constexpr std::size_t field_count = static_cast<std::size_t>(field::other) + 1;

/// Views into the line; empty where a field is absent.
class record {
 public:
  std::string_view operator[](field which) const {
    return values_[static_cast<std::size_t>(which)];
  }

  void set(field which, std::string_view json) { values_[static_cast<std::size_t>(which)] = json; }
  void clear() { values_.fill({}); }
  void clear_req();

 private:
  std::array<std::string_view, field_count> values_{};
};

/// Turns events into a record. Of duplicate keys the last wins, of two `req` the last as a whole.
class record_reader {
 public:
  void begin();
  const record& values() const { return record_; }

  void begin_container() { ++depth_; }
  void end_container() { --depth_; }
  /// A key without its quotes, escapes as they stand.
  void key(std::string_view raw);
  void begin_value(const char* at);
  void end_value(const char* at);

 private:
  enum : std::size_t { top_level = 1, req_level = 2 };

  record record_;
  std::size_t depth_ = 0;
  field top_ = field::other;
  field inner_ = field::other;
  const char* top_begin_ = nullptr;
  const char* inner_begin_ = nullptr;
  std::string scratch_;
};

inline void record_reader::begin_value(const char* at) {
  if (depth_ == top_level) {
    top_begin_ = at;
  } else if (depth_ == req_level) {
    inner_begin_ = at;
  }
}

inline void record_reader::end_value(const char* at) {
  if (depth_ == top_level) {
    record_.set(top_, {top_begin_, at});
  } else if (depth_ == req_level && top_ == field::req) {
    record_.set(inner_, {inner_begin_, at});
  }
}

}  // namespace ingestor::normalise
