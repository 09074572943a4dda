// Why an object, or the work on it, did not get through, and whose fault that is.
#pragma once

#include "codec/error.hpp"
#include "pg/fsm/error.hpp"
#include "s3/types.hpp"

#include <string>
#include <string_view>

namespace ingestor::ingest {

enum class failure_kind {
  /// The object itself; uses up one of its attempts.
  file,
  /// The database does not take a row of this transaction. Loaded again with care (care.hpp) the
  /// row becomes a rejected line; what fails so even then is the file's failure.
  rows,
  /// This program: the server could not read what it sent. The file stays failed until somebody
  /// asks for a retry, and its attempts are what they were.
  bug,
  /// The object is another one than was listed; it is listed again and starts over.
  object_changed,
  /// S3 as a whole; the file goes back to the queue untouched.
  s3,
  /// The database as a whole; the file goes back to the queue untouched.
  database,
  /// Another replica holds the file by now; nothing may be written for it.
  claim_lost
};

/// Where in the pipeline; the names are those of processed_file.metadata.
enum class stage { fetch, inflate, decode, write };

std::string_view name(stage at);

/// Whether it is a file's: it ends the claim as failed where the file was loaded alone, and with
/// all the care there is. Otherwise the file goes back.
bool fails_the_file(failure_kind kind);

struct failure {
  failure_kind kind = failure_kind::file;
  stage at = stage::fetch;
  /// One line for people: what failed, on what, in whose words.
  std::string text;
  /// Of the kind `rows`: what the server said about the row.
  std::string words = {};
  /// Of the kind `s3`: S3 asked to slow down, which its client does by itself.
  bool throttled = false;
};

failure from_s3(const s3::error& error);
failure from_codec(const codec::error& error);
/// An error of the connection that carries rows.
failure from_database(const pg::error& error);

}  // namespace ingestor::ingest
