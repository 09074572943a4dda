// What went wrong with the database, and whose fault it is.
#pragma once

#include "base/result.hpp"
#include "pg/wire/notice.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace ingestor::pg {

/// What a caller decides on. Whether the connection can be used on is asked of the connection.
enum class error_category {
  connection,          ///< no server, or it went away: try again later
  authentication,      ///< the server refuses us, or is not who it claims to be
  data,                ///< a value that this table or type does not take: isolate the row
  statement,           ///< the statement cannot work as it stands, whatever the rows
  shutdown,            ///< the server stops, starts, fails over or has become read-only
  transient,           ///< a conflict or a lack of resources: the same may work later
  protocol_violation,  ///< one side does not speak the protocol: a bug, or somebody hostile
  timeout,             ///< a deadline passed, ours or the server's, or somebody cancelled
  configuration,       ///< the settings need a person
};

std::string_view name_of(error_category category);

/// Of each text in an error, in bytes; what is longer is cut. A server may send 16 MiB, and errors
/// are kept, logged and shown.
inline constexpr std::size_t error_text_bytes_max = 4U * 1024;

/// Every field but the first two may be empty. Texts of the server may hold anything that a table
/// holds; they never hold a password.
struct error {
  error_category category{};
  /// The server's own words, or ours.
  std::string message;
  /// Five characters, when the server said it.
  std::string sqlstate;
  /// "ERROR", "FATAL", "PANIC": never translated.
  std::string severity;
  std::string detail;
  std::string hint;
  std::string schema;
  std::string table;
  std::string column;
  std::string constraint;
  /// The context: which line of a COPY, which function.
  std::string where;
  /// Index of a character in the statement, from 1; 0 when unknown.
  std::int32_t position = 0;
  /// The name of the statement, not its text.
  std::string statement;
  /// "host:port", or the path of the socket.
  std::string server;

  /// One line for people: message (SQLSTATE): detail; on which server, in which statement. UTF-8
  /// without control characters and without marks that change the order of what is shown, whatever
  /// the server said.
  std::string text() const;

  /// The part of it that a row is described by, in the same form: message (SQLSTATE): detail, with
  /// the constraint where the message does not name it.
  std::string words() const;
};

template <class T>
using result = ingestor::result<T, error>;

/// What the connection was doing: the same SQLSTATE means different things in different phases.
enum class phase { startup, statement, copy };

/// Sorts what a server says. A class, or a code of a class, that is not known is `statement`:
/// neither a row's fault nor a reason to try at full speed; so is what is no SQLSTATE at all. 57014
/// is `timeout`: it does not tell a time-out from a cancel; only who sent CopyFail knows more.
/// Source: PostgreSQL documentation, appendix A, "PostgreSQL Error Codes".
error_category classify(std::string_view sqlstate, phase during);

/// An error of our own.
error make_error(error_category category, std::string message);

/// An error in the server's words, or in those of a pooler before it.
error from_response(const wire::error_response& response, phase during);

/// FATAL and PANIC: the server closes the connection behind this error.
bool ends_the_connection(const error& failure);

}  // namespace ingestor::pg
