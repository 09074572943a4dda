// Whose fault an error of the database is: the file's, the database's, or another replica's.
#include "ingest/failure.hpp"

#include <gtest/gtest.h>

#include <string>

namespace ingestor::ingest {
namespace {

using pg::error_category;

failure_kind kind_of(error_category category, std::string sqlstate) {
  auto error = pg::make_error(category, "words");
  error.sqlstate = std::move(sqlstate);
  return from_database(error).kind;
}

TEST(from_database, only_what_a_row_did_is_its_files_failure) {
  EXPECT_EQ(kind_of(error_category::data, "22021"), failure_kind::rows);
  EXPECT_EQ(kind_of(error_category::shutdown, "25006"), failure_kind::database);
  EXPECT_EQ(kind_of(error_category::statement, "XX000"), failure_kind::database);
}

TEST(from_database, what_the_server_could_not_read_is_a_bug_of_ours) {
  EXPECT_EQ(kind_of(error_category::protocol_violation, "22P04"), failure_kind::bug);
  EXPECT_EQ(kind_of(error_category::protocol_violation, "08P01"), failure_kind::bug);
  EXPECT_EQ(kind_of(error_category::protocol_violation, "XX000"), failure_kind::bug);
}

TEST(from_database, keeps_what_was_said_about_a_row) {
  auto error = pg::make_error(error_category::data, "not so");
  error.sqlstate = "23514";
  error.server = "db:5432";
  EXPECT_EQ(from_database(error).words, "not so (23514)");
}

// Errors of a whole statement say nothing about its rows.
TEST(from_database, no_row_is_looked_for_where_the_statement_failed) {
  for (const auto* const sqlstate :
       {"42P01", "42703", "42501", "0A000", "25006", "25P02", "57014", "57P01", "40001", "40P01",
        "53100", "53200", "53300", "XX001"}) {
    const auto category = pg::classify(sqlstate, pg::phase::copy);
    EXPECT_EQ(kind_of(category, sqlstate), failure_kind::database) << sqlstate;
  }
}

TEST(from_database, a_poolers_error_is_not_a_bug_of_ours) {
  EXPECT_EQ(kind_of(error_category::connection, "08P01"), failure_kind::database);
  EXPECT_EQ(kind_of(error_category::configuration, "08P01"), failure_kind::database);
}

TEST(from_database, a_server_that_is_not_understood_is_not_the_files_fault) {
  EXPECT_EQ(kind_of(error_category::protocol_violation, ""), failure_kind::database);
}

}  // namespace
}  // namespace ingestor::ingest
