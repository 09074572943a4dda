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

TEST(from_database, only_what_the_file_did_uses_up_an_attempt) {
  EXPECT_EQ(kind_of(error_category::data, "22021"), failure_kind::file);
  EXPECT_EQ(kind_of(error_category::shutdown, "25006"), failure_kind::database);
  EXPECT_EQ(kind_of(error_category::statement, "XX000"), failure_kind::database);
}

TEST(from_database, what_the_server_could_not_read_is_a_bug_of_ours) {
  EXPECT_EQ(kind_of(error_category::protocol_violation, "22P04"), failure_kind::bug);
  EXPECT_EQ(kind_of(error_category::protocol_violation, "08P01"), failure_kind::bug);
  EXPECT_EQ(kind_of(error_category::protocol_violation, "XX000"), failure_kind::bug);
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
