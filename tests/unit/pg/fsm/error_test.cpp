#include "pg/fsm/error.hpp"

#include "messages.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tuple>
#include <vector>

namespace ingestor::pg {
namespace {

using enum error_category;

// One or more of each class of appendix A, and what they mean in each phase.
const std::vector<std::tuple<const char*, error_category, error_category, error_category>> table{
    // sqlstate, startup, statement, copy
    {"01000", statement, statement, statement},
    {"02000", statement, statement, statement},
    {"03000", statement, statement, statement},
    {"08000", connection, connection, connection},
    {"08006", connection, connection, connection},
    {"08P01", protocol_violation, protocol_violation, protocol_violation},
    {"09000", statement, statement, data},
    {"0A000", configuration, statement, statement},
    {"0B000", statement, statement, statement},
    {"0F000", statement, statement, statement},
    {"0L000", statement, statement, statement},
    {"0P000", statement, statement, statement},
    {"0Z000", statement, statement, statement},
    {"20000", statement, statement, statement},
    {"21000", statement, statement, data},
    {"22001", configuration, data, data},
    {"22021", configuration, data, data},
    {"22P02", configuration, data, data},
    {"22P03", configuration, data, protocol_violation},
    {"22P04", configuration, data, protocol_violation},
    {"22P05", configuration, data, data},
    {"23502", data, data, data},
    {"23505", data, data, data},
    {"23514", data, data, data},
    {"24000", statement, statement, statement},
    {"25001", statement, statement, statement},
    {"25006", shutdown, shutdown, shutdown},
    {"25P02", statement, statement, statement},
    {"25P03", timeout, timeout, timeout},
    {"25P04", timeout, timeout, timeout},
    {"26000", statement, statement, statement},
    {"27000", statement, statement, data},
    {"28000", authentication, authentication, authentication},
    {"28P01", authentication, authentication, authentication},
    {"2B000", statement, statement, statement},
    {"2D000", statement, statement, statement},
    {"2F000", statement, statement, data},
    {"34000", statement, statement, statement},
    {"38000", statement, statement, data},
    {"39000", statement, statement, data},
    {"3B000", statement, statement, statement},
    {"3D000", configuration, statement, statement},
    {"3F000", statement, statement, statement},
    {"40001", transient, transient, transient},
    {"40P01", transient, transient, transient},
    {"42501", authentication, statement, statement},
    {"42601", configuration, statement, statement},
    {"42703", configuration, statement, statement},
    {"42P01", configuration, statement, statement},
    {"44000", data, data, data},
    {"53100", transient, transient, transient},
    {"53200", transient, transient, transient},
    {"53300", transient, transient, transient},
    {"54000", statement, statement, data},
    {"54001", statement, statement, data},
    {"55000", configuration, statement, statement},
    {"55006", transient, transient, transient},
    {"55P03", transient, transient, transient},
    {"57000", transient, transient, transient},
    {"57014", timeout, timeout, timeout},
    {"57P01", shutdown, shutdown, shutdown},
    {"57P02", shutdown, shutdown, shutdown},
    {"57P03", shutdown, shutdown, shutdown},
    {"57P04", configuration, configuration, configuration},
    {"57P05", shutdown, shutdown, shutdown},
    {"58000", transient, transient, transient},
    {"58030", transient, transient, transient},
    {"58P01", statement, statement, statement},
    {"72000", transient, transient, transient},
    {"F0000", configuration, configuration, configuration},
    {"HV000", statement, statement, statement},
    {"P0001", statement, statement, data},
    {"XX000", statement, statement, protocol_violation},
    {"XX001", statement, statement, statement},
    {"", statement, statement, statement},
    {"2", statement, statement, statement},
};

TEST(classify, every_class_of_appendix_a_in_every_phase) {
  for (const auto& [sqlstate, at_startup, in_statement, in_copy] : table) {
    EXPECT_EQ(classify(sqlstate, phase::startup), at_startup) << sqlstate;
    EXPECT_EQ(classify(sqlstate, phase::statement), in_statement) << sqlstate;
    EXPECT_EQ(classify(sqlstate, phase::copy), in_copy) << sqlstate;
  }
}

TEST(error, keeps_what_the_server_said) {
  const wire::error_response response{{{{'S', "FEHLER"},
                                        {'V', "ERROR"},
                                        {'C', "23505"},
                                        {'M', "duplicate key"},
                                        {'D', "Key (id)=(1) exists."},
                                        {'H', "none"},
                                        {'P', "17"},
                                        {'W', "COPY log, line 3"},
                                        {'s', "public"},
                                        {'t', "log"},
                                        {'c', "id"},
                                        {'n', "log_pkey"}}}};
  const auto failure = from_response(response, phase::copy);
  EXPECT_EQ(failure.category, data);
  EXPECT_EQ(failure.severity, "ERROR");
  EXPECT_EQ(failure.sqlstate, "23505");
  EXPECT_EQ(failure.detail, "Key (id)=(1) exists.");
  EXPECT_EQ(failure.hint, "none");
  EXPECT_EQ(failure.position, 17);
  EXPECT_EQ(failure.where, "COPY log, line 3");
  EXPECT_EQ(failure.schema + "." + failure.table + "." + failure.column, "public.log.id");
  EXPECT_EQ(failure.constraint, "log_pkey");
  EXPECT_FALSE(ends_the_connection(failure));
}

TEST(error, of_a_pooler_is_not_taken_for_a_bug_of_ours) {
  const auto said = [](const char* message) {
    return wire::error_response{{{{'S', "FATAL"}, {'C', "08P01"}, {'M', message}}}};
  };
  for (const auto during : {phase::startup, phase::statement, phase::copy}) {
    EXPECT_EQ(from_response(said("server conn crashed?"), during).category, connection);
  }
  for (const auto* const needs_a_person :
       {"unsupported startup parameter: options", "no such database: nowhere",
        "database \"nowhere\" does not exist", "bouncer config error"}) {
    EXPECT_EQ(from_response(said(needs_a_person), phase::startup).category, configuration)
        << needs_a_person;
  }
  for (const auto* const refusal : {"SASL authentication failed", "no such user: nobody"}) {
    EXPECT_EQ(from_response(said(refusal), phase::startup).category, authentication) << refusal;
  }
  const auto parameter = said("unsupported startup parameter in options: jit");
  EXPECT_THAT(from_response(parameter, phase::startup).text(), testing::HasSubstr("ALTER ROLE"));
  const wire::error_response password{{{{'S', "FATAL"}, {'C', "28P01"}, {'M', "no"}}}};
  EXPECT_EQ(from_response(password, phase::startup).category, authentication);
}

TEST(error, is_one_line_for_people) {
  auto failure = make_error(statement, "no\nsuch table");
  failure.sqlstate = "42P01";
  failure.detail = "really";
  failure.server = "db:5432";
  failure.statement = "claim";
  EXPECT_EQ(failure.text(), "no such table (42P01): really; on db:5432; in claim");
  EXPECT_EQ(make_error(connection, "lost").text(), "lost");
}

TEST(error, nothing_that_a_server_says_reaches_the_terminal_as_a_command) {
  const auto shown = [](const char* said) { return make_error(statement, said).text(); };
  EXPECT_EQ(shown("a\x1b[2Jb\tc\x7f"), "a [2Jb c ");
  EXPECT_EQ(shown("a\xc2\x9b"
                  "2Jb"),
            "a 2Jb")
      << "a control character of the upper half";
  EXPECT_EQ(shown("a\xe2\x80\xa8"
                  "b"),
            "a b")
      << "a line separator";
  EXPECT_EQ(shown("a\xff\xc3"
                  "b"),
            "a\ufffd\ufffdb")
      << "not UTF-8";
  for (const auto* const mark : {"\u061c", "\u200f", "\u202e", "\u2066", "\u2069"}) {
    EXPECT_EQ(shown(mark), "\ufffd");
  }
  EXPECT_EQ(shown("grün \U0001F600"), "grün \U0001F600");
}

TEST(error, severity_ends_the_connection_in_any_language) {
  const wire::error_response old{{{{'S', "FATAL"}, {'C', "57P01"}, {'M', "bye"}}}};
  EXPECT_TRUE(ends_the_connection(from_response(old, phase::statement)));
  const wire::error_response translated{
      {{{'S', "SCHWERWIEGEND"}, {'V', "PANIC"}, {'C', "57P01"}, {'M', "bye"}}}};
  EXPECT_TRUE(ends_the_connection(from_response(translated, phase::statement)));
}

}  // namespace
}  // namespace ingestor::pg
