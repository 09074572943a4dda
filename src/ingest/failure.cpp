#include "ingest/failure.hpp"

#include "ledger/outcome.hpp"

#include <utility>

namespace ingestor::ingest {
namespace {

bool names_one_object(const s3::error& error) {
  if (error.key.empty()) return false;
  switch (error.kind) {
    case s3::error_kind::no_such_key:
    case s3::error_kind::archived:
      return true;
    // The answer makes no sense, or is a refusal that has no kind of its own: of an object that was
    // encrypted with a key of its own, for example.
    case s3::error_kind::protocol:
      return error.http_status != 0;
    case s3::error_kind::server:
      return !error.transient();
    case s3::error_kind::access_denied:
      // A policy may hide single objects; what is wrong with the key or its signature hides all.
      return error.code == "AccessDenied";
    default:
      return false;
  }
}

bool names_these_rows(const pg::error& error) {
  return error.category == pg::error_category::data;
}

// The server said that it did not understand what was sent: that is this program's fault, and
// trying the same bytes again at full speed would not change it. Without an SQLSTATE it is this
// side that did not understand the server.
bool our_own_bug(const pg::error& error) {
  return error.category == pg::error_category::protocol_violation && !error.sqlstate.empty();
}

}  // namespace

std::string_view name(stage at) {
  switch (at) {
    case stage::fetch:
      return "fetch";
    case stage::inflate:
      return "inflate";
    case stage::decode:
      return "decode";
    case stage::write:
      return "write";
  }
  return "fetch";
}

bool fails_the_file(failure_kind kind) {
  return kind == failure_kind::file || kind == failure_kind::rows || kind == failure_kind::bug;
}

failure from_s3(const s3::error& error) {
  auto text = error.text();
  const auto remedy = error.remedy();
  // "nothing", and why: then there is nothing to say.
  if (!remedy.starts_with("nothing")) text += "; " + remedy;
  if (error.kind == s3::error_kind::precondition_failed) {
    return {failure_kind::object_changed, stage::fetch, std::move(text)};
  }
  failure out{names_one_object(error) ? failure_kind::file : failure_kind::s3, stage::fetch,
              std::move(text)};
  out.throttled = error.kind == s3::error_kind::throttled;
  return out;
}

failure from_codec(const codec::error& error) {
  const auto at = std::string_view{error.stage()} == "inflate" ? stage::inflate : stage::decode;
  return {failure_kind::file, at, error.message};
}

failure from_database(const pg::error& error) {
  if (error.sqlstate == ledger::claim_lost_sqlstate) {
    return {failure_kind::claim_lost, stage::write, error.text()};
  }
  if (our_own_bug(error)) {
    return {failure_kind::bug, stage::write,
            "the server could not read what Ingestor sent, which is a bug of Ingestor: " +
                error.text()};
  }
  if (names_these_rows(error)) {
    return {failure_kind::rows, stage::write, error.text(), error.words()};
  }
  return {failure_kind::database, stage::write, error.text()};
}

}  // namespace ingestor::ingest
