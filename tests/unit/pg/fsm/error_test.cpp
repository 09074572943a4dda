#include "pg/fsm/error.hpp"

#include "messages.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <iterator>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace ingestor::pg {
namespace {

using enum error_category;

/// Codes that mean the same in each phase.
struct row {
  const char* codes;
  error_category startup;
  error_category statement;
  error_category copy;
};

// All of appendix A, class by class: that of PostgreSQL 15, and what later versions have added.
constexpr auto appendix_a = std::to_array<row>({
    // Successful completion, warning, no data: no errors, unless a function raises them.
    {"00000", statement, statement, statement},
    {"01000 0100C 01008 01003 01007 01006 01004 01P01", statement, statement, statement},
    {"02000 02001", statement, statement, statement},
    {"03000", statement, statement, statement},
    // Connection exception: also that of a foreign server.
    {"08000 08003 08006 08001 08004 08007", connection, connection, connection},
    {"08P01", protocol_violation, protocol_violation, protocol_violation},
    {"09000", statement, statement, data},
    {"0A000", configuration, statement, statement},
    {"0B000", statement, statement, statement},
    {"0F000 0F001", statement, statement, statement},
    {"0L000 0LP01", statement, statement, statement},
    {"0P000", statement, statement, statement},
    {"0Z000 0Z002", statement, statement, statement},
    {"10608", statement, statement, data},
    {"20000", statement, statement, data},
    {"21000", statement, statement, data},
    // Data exception.
    {"22000 2202E 22021 22008 22012 22005 2200B 22022 22015 2201E 22014 22016 2201F 2201G 22018 "
     "22007 22019 2200D 22025 22P06 22010 22023 22013 2201B 2201W 2201X 2202H 2202G 22009 2200C "
     "2200G 22004 22002 22003 22026 22001 22011 22027 22024 2200F 22P01 22P02 22P05 2200L 2200M "
     "2200N 2200S 2200T 22030 22031 22032 22033 22034 22035 22036 22037 22038 22039 2203A 2203B "
     "2203C 2203D 2203E 2203F 2203G",
     configuration, data, data},
    {"2200H", configuration, statement, statement},
    {"22P03 22P04", configuration, protocol_violation, protocol_violation},
    // Integrity constraint violation.
    {"23000 23001 23502 23503 23505 23514 23P01", statement, data, data},
    {"24000", statement, statement, statement},
    // Invalid transaction state.
    {"25000 25001 25002 25008 25003 25004 25005 25007 25P01 25P02", statement, statement,
     statement},
    {"25006", shutdown, shutdown, shutdown},
    {"25P03 25P04", timeout, timeout, timeout},
    {"26000", statement, statement, statement},
    {"27000", statement, statement, data},
    {"28000 28P01", authentication, authentication, authentication},
    {"2B000 2BP01", statement, statement, statement},
    {"2D000", statement, statement, statement},
    {"2F000 2F005 2F002 2F003 2F004", statement, statement, data},
    {"34000", statement, statement, statement},
    {"38000 38001 38002 38003 38004", statement, statement, data},
    {"39000 39001 39004 39P01 39P02 39P03", statement, statement, data},
    {"3B000 3B001", statement, statement, statement},
    {"3D000", configuration, statement, statement},
    {"3F000", statement, statement, statement},
    // Transaction rollback.
    {"40000 40001 40003 40P01", transient, transient, transient},
    {"40002", transient, data, data},
    // Syntax error or access rule violation.
    {"42000 42601 42846 42803 42P20 42P19 42830 42602 42622 42939 42804 42P18 42P21 42P22 42809 "
     "428C9 42703 42883 42P01 42P02 42704 42701 42P03 42P04 42723 42P05 42P06 42P07 42712 42710 "
     "42702 42725 42P08 42P09 42P10 42611 42P11 42P12 42P13 42P14 42P15 42P16 42P17",
     configuration, statement, statement},
    {"42501", authentication, statement, statement},
    {"44000", statement, data, data},
    {"53000 53100 53200 53300 53400", transient, transient, transient},
    {"54000 54001 54011 54023", statement, statement, data},
    // Object not in prerequisite state.
    {"55000 55P02", configuration, statement, statement},
    {"55006 55P03", transient, transient, transient},
    {"55P04", statement, statement, statement},
    // Operator intervention.
    {"57000", transient, transient, transient},
    {"57014", timeout, timeout, timeout},
    {"57P01 57P02 57P03", shutdown, shutdown, shutdown},
    {"57P04", configuration, configuration, configuration},
    {"57P05", timeout, timeout, timeout},
    // System error.
    {"58000 58030", transient, transient, transient},
    {"58P01 58P02 58P03", statement, statement, statement},
    {"72000", transient, transient, transient},
    {"F0000 F0001", configuration, configuration, configuration},
    // Foreign data wrapper.
    {"HV000 HV005 HV002 HV010 HV021 HV024 HV007 HV008 HV004 HV006 HV091 HV00B HV00C HV00D HV090 "
     "HV00A HV009 HV014 HV00P HV00J HV00K HV00Q HV00R HV00L HV00M",
     statement, statement, statement},
    {"HV001", transient, transient, transient},
    {"HV00N", connection, connection, connection},
    {"P0000 P0001 P0002 P0003 P0004", statement, statement, data},
    {"XX000", statement, statement, protocol_violation},
    {"XX001 XX002", statement, statement, statement},
});

constexpr std::size_t codes_of_appendix_a = 263;

// Extensions and functions make up their own.
constexpr auto not_in_appendix_a = std::to_array<row>({
    // Of a class that is known.
    {"08ZZZ", connection, connection, connection},
    {"22ZZZ", configuration, data, data},
    {"23ZZZ", statement, data, data},
    {"40ZZZ", transient, transient, transient},
    {"53ZZZ", transient, transient, transient},
    {"57ZZZ", transient, transient, transient},
    {"57PZZ", shutdown, shutdown, shutdown},
    {"XXZZZ", statement, statement, statement},
    // Of none.
    {"IG001 TS101 K0000 99999 ZZZZZ", statement, statement, statement},
});

void expect(std::string_view sqlstate, const row& as) {
  EXPECT_EQ(classify(sqlstate, phase::startup), as.startup) << sqlstate;
  EXPECT_EQ(classify(sqlstate, phase::statement), as.statement) << sqlstate;
  EXPECT_EQ(classify(sqlstate, phase::copy), as.copy) << sqlstate;
}

std::vector<std::string> codes_of(const row& each) {
  std::istringstream text{each.codes};
  return {std::istream_iterator<std::string>{text}, {}};
}

TEST(classify, every_code_of_appendix_a_in_every_phase) {
  std::set<std::string> seen;
  for (const auto& each : appendix_a) {
    for (const auto& code : codes_of(each)) {
      expect(code, each);
      EXPECT_TRUE(seen.insert(code).second) << code << " is there twice";
    }
  }
  EXPECT_EQ(seen.size(), codes_of_appendix_a);
}

TEST(classify, a_code_that_is_not_known_by_its_class) {
  for (const auto& each : not_in_appendix_a) {
    for (const auto& code : codes_of(each)) expect(code, each);
  }
}

TEST(classify, what_is_no_sqlstate_blames_no_row) {
  const row none{"", statement, statement, statement};
  for (const auto* const text :
       {"", "2", "22", "2350", "235050", "22p02", "23 05", "22\t00", "P00\u00e9"}) {
    expect(text, none);
  }
}

TEST(error, of_many_words_is_cut_on_the_edge_of_a_character) {
  std::string words;
  while (words.size() < 100'000) words += "ä";
  for (const std::string_view before : {"", "x"}) {
    const auto long_text = std::string{before} + words;
    const wire::error_response response{{{{'C', "22012"}, {'M', long_text}, {'D', long_text}}}};
    const auto failure = from_response(response, phase::statement);
    EXPECT_LE(failure.message.size(), error_text_bytes_max);
    EXPECT_TRUE(long_text.starts_with(failure.message.substr(0, error_text_bytes_max - 8)));
    EXPECT_TRUE(failure.message.ends_with("ä …"));
    EXPECT_EQ(failure.detail, failure.message);
    EXPECT_EQ(make_error(statement, long_text).message, failure.message);
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

TEST(error, has_words_for_a_row) {
  auto failure = make_error(data, "violates check \"positive\"");
  failure.sqlstate = "23514";
  failure.constraint = "positive";
  failure.detail = "Failing row\ncontains (\xff).";
  failure.where = "COPY log, line 7";
  failure.server = "db:5432";
  EXPECT_EQ(failure.words(), "violates check \"positive\" (23514): Failing row contains (\ufffd).");
  failure.message = "no";
  failure.detail.clear();
  EXPECT_EQ(failure.words(), "no (23514) by positive");
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
