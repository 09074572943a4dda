// The server's side of a script: messages as bytes, and frames of them.
#pragma once

#include "pg/wire/frame_buffer.hpp"
#include "pg/wire/notice.hpp"
#include "pg/wire/query.hpp"
#include "pg/wire/rows.hpp"
#include "pg/wire/session.hpp"
#include "pg/wire/writer.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ingestor::pg {

template <class Message>
std::string bytes_of(const Message& message) {
  wire::writer out;
  message.encode(out);
  return std::string{as_text(*out.finish())};
}

inline std::string server_error(std::string_view sqlstate, std::string_view message,
                                std::string_view severity = "ERROR") {
  return bytes_of(
      wire::error_response{{{{'S', severity}, {'V', severity}, {'C', sqlstate}, {'M', message}}}});
}

inline std::string ready(char status = 'I') {
  return bytes_of(wire::ready_for_query{status});
}

/// A frame of one whole message; the bytes must outlive it.
inline wire::frame frame_of(const std::string& bytes) {
  return {bytes.front(), as_bytes(bytes).subspan(wire::frame_header_bytes)};
}

}  // namespace ingestor::pg
