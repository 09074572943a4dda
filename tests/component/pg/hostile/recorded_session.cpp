#include "recorded_session.hpp"

#include "operations.hpp"
#include "pg/wire/types/oid.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace ingestor::pg {
namespace {

namespace asio = boost::asio;
using namespace std::string_view_literals;

struct recorded_message {
  char type;
  std::string_view body;
};
struct recorded_exchange {
  /// Of the client's message that the server waits for.
  char awaited;
  std::vector<recorded_message> answers;
};

// clang-format off
const std::vector<recorded_exchange> exchanges{
    // logged in
    {0,
     {
         {'S', "application_name\000ingestor\000"sv},
         {'S', "client_encoding\000UTF8\000"sv},
         {'S', "DateStyle\000ISO, MDY\000"sv},
         {'S', "default_transaction_read_only\000off\000"sv},
         {'S', "in_hot_standby\000off\000"sv},
         {'S', "integer_datetimes\000on\000"sv},
         {'S', "IntervalStyle\000postgres\000"sv},
         {'S', "is_superuser\000on\000"sv},
         {'S', "server_encoding\000UTF8\000"sv},
         {'S', "server_version\00015.18 (Debian 15.18-0+deb12u1)\000"sv},
         {'S', "session_authorization\000postgres\000"sv},
         {'S', "standard_conforming_strings\000on\000"sv},
         {'S', "TimeZone\000UTC\000"sv},
         {'K', "\000\000s`\305Z\021$"sv},
         {'Z', "I"sv},
     }},
    // a query
    {'S',
     {
         {'1', ""sv},
         {'2', ""sv},
         {'T', "\000\012n\000\000\000\000\000\000\000\000\000\000\024\000\010\377\377\377\377\000\001text\000\000\000\000\000\000\000\000\000\000\031\377\377\377\377\377\377\000\001\077column\077\000\000\000\000\000\000\000\000\000\000\020\000\001\377\377\377\377\000\001bytea\000\000\000\000\000\000\000\000\000\000\021\377\377\377\377\377\377\000\001float8\000\000\000\000\000\000\000\000\000\002\275\000\010\377\377\377\377\000\001jsonb\000\000\000\000\000\000\000\000\000\016\332\377\377\377\377\377\377\000\001timestamptz\000\000\000\000\000\000\000\000\000\004\240\000\010\377\377\377\377\000\001uuid\000\000\000\000\000\000\000\000\000\013\206\000\020\377\377\377\377\000\001case\000\000\000\000\000\000\000\000\000\000\027\000\004\377\377\377\377\000\001array\000\000\000\000\000\000\000\000\000\003\361\377\377\377\377\377\377\000\001"sv},
         {'D', "\000\012\000\000\000\010\000\000\000\000\000\000\000\001\000\000\000\011some text\000\000\000\001\001\000\000\000\002\000\377\000\000\000\010\077\370\000\000\000\000\000\000\000\000\000\013\001{\042a\042: [1]}\000\000\000\010\000\002\265\202\304x\020\000\000\000\000\020\000\021\0423DUfw\210\231\252\273\314\335\356\377\000\000\000\004\000\000\000\007\000\000\000\036\000\000\000\001\000\000\000\000\000\000\000\031\000\000\000\002\000\000\000\001\000\000\000\001x\000\000\000\001y"sv},
         {'D', "\000\012\000\000\000\010\000\000\000\000\000\000\000\002\000\000\000\011some text\000\000\000\001\000\000\000\000\002\000\377\000\000\000\010\077\370\000\000\000\000\000\000\000\000\000\013\001{\042a\042: [1]}\000\000\000\010\000\002\265\202\304x\020\000\000\000\000\020\000\021\0423DUfw\210\231\252\273\314\335\356\377\377\377\377\377\000\000\000\036\000\000\000\001\000\000\000\000\000\000\000\031\000\000\000\002\000\000\000\001\000\000\000\001x\000\000\000\001y"sv},
         {'C', "SELECT 2\000"sv},
         {'Z', "I"sv},
     }},
    // a query that fails
    {'S',
     {
         {'1', ""sv},
         {'E', "SERROR\000VERROR\000C22012\000Mdivision by zero\000Fint.c\000L869\000Rint4div\000\000"sv},
         {'Z', "I"sv},
     }},
    // a script
    {'Q',
     {
         {'C', "LISTEN\000"sv},
         {'C', "NOTIFY\000"sv},
         {'C', "SET\000"sv},
         {'N', "SWARNING\000VWARNING\000C01000\000Mtake care\000WPL/pgSQL function inline_code_block line 1 at RAISE\000Fpl_exec.c\000L3891\000Rexec_stmt_raise\000\000"sv},
         {'C', "DO\000"sv},
         {'T', "\000\002\077column\077\000\000\000\000\000\000\000\000\000\000\027\000\004\377\377\377\377\000\000\077column\077\000\000\000\000\000\000\000\000\000\000\031\377\377\377\377\377\377\000\000"sv},
         {'D', "\000\002\000\000\000\0011\000\000\000\003one"sv},
         {'C', "SELECT 1\000"sv},
         {'A', "\000\000s`news\000hello\000"sv},
         {'S', "TimeZone\000Asia/Tokyo\000"sv},
         {'Z', "I"sv},
     }},
    // a pipeline
    {'S',
     {
         {'1', ""sv},
         {'2', ""sv},
         {'n', ""sv},
         {'C', "BEGIN\000"sv},
         {'1', ""sv},
         {'2', ""sv},
         {'T', "\000\001int8\000\000\000\000\000\000\000\000\000\000\024\000\010\377\377\377\377\000\001"sv},
         {'D', "\000\001\000\000\000\010\000\000\000\000\000\000\000*"sv},
         {'C', "SELECT 1\000"sv},
         {'1', ""sv},
         {'2', ""sv},
         {'n', ""sv},
         {'C', "COMMIT\000"sv},
         {'Z', "I"sv},
     }},
    // a COPY begins
    {'Q',
     {
         {'G', "\001\000\001\000\001"sv},
     }},
    // its rows are there
    {'c',
     {
         {'N', "SNOTICE\000VNOTICE\000C00000\000Mrow 1\000WPL/pgSQL function pg_temp_3.talk() line 1 at RAISE\012COPY t, line 1\000Fpl_exec.c\000L3891\000Rexec_stmt_raise\000\000"sv},
         {'N', "SNOTICE\000VNOTICE\000C00000\000Mrow 2\000WPL/pgSQL function pg_temp_3.talk() line 1 at RAISE\012COPY t, line 2\000Fpl_exec.c\000L3891\000Rexec_stmt_raise\000\000"sv},
         {'C', "COPY 2\000"sv},
         {'Z', "I"sv},
     }},
    // another begins
    {'Q',
     {
         {'G', "\001\000\001\000\001"sv},
     }},
    // its rows are there already
    {'c',
     {
         {'N', "SNOTICE\000VNOTICE\000C00000\000Mrow 1\000WPL/pgSQL function pg_temp_3.talk() line 1 at RAISE\012COPY t, line 1\000Fpl_exec.c\000L3891\000Rexec_stmt_raise\000\000"sv},
         {'E', "SERROR\000VERROR\000C23505\000Mduplicate key value violates unique constraint \042t_pkey\042\000DKey (a)=(1) already exists.\000WCOPY t, line 1\000spg_temp_3\000tt\000nt_pkey\000Fnbtinsert.c\000L664\000R_bt_check_unique\000\000"sv},
         {'Z', "I"sv},
     }},
};
// clang-format on

std::string bytes_of(const recorded_message& message) {
  const auto length = static_cast<std::uint32_t>(message.body.size() + 4);
  std::string bytes{message.type};
  for (const int shift : {24, 16, 8, 0}) bytes += static_cast<char>(length >> shift & 0xff);
  return bytes.append(message.body);
}

using wire::oid;

const statement rows_of_all_types{
    "types",
    "select of ten types",
    {},
    {oid::int8, oid::text, oid::boolean, oid::bytea, oid::float8, oid::jsonb, oid::timestamptz,
     oid::uuid, oid::int4, oid::text_array}};
const statement division{"division", "select 1 / 0", {}, {oid::int4}};
const std::vector<statement> three_in_a_row{{"begin", "begin", {}, {}},
                                            {"answer", "select 42::int8", {}, {oid::int8}},
                                            {"commit", "commit", {}, {}}};

template <class... T>
void read_row(const row_set& rows, std::size_t row) {
  std::size_t column = 0;
  (static_cast<void>(rows.get<std::optional<T>>(row, column++)), ...);
}

/// Whatever was taken for a row can be read.
void read_all(const row_set& rows) {
  for (std::size_t row = 0; row < rows.size(); ++row) {
    read_row<std::int64_t, std::string, bool, std::vector<std::byte>, double, std::string,
             timestamp, wire::uuid_bytes, std::int32_t, std::vector<std::string>>(rows, row);
  }
}

asio::awaitable<void> query_types(client_role& on) {
  const auto rows = co_await on.session->query(rows_of_all_types, on.limit);
  on.note("types", rows);
  if (rows) read_all(*rows);
}

asio::awaitable<void> divide(client_role& on) {
  const auto rows = co_await on.session->query(division, on.limit);
  on.note("division", rows);
}

asio::awaitable<void> run_the_script(client_role& on) {
  const auto done = co_await on.session->run_script("script", "listen news; …", on.limit);
  on.note("script", done);
}

asio::awaitable<void> run_the_pipeline(client_role& on) {
  const auto done = co_await on.session->pipeline(three_in_a_row, on.limit);
  on.note("pipeline", done);
}

asio::awaitable<void> load(client_role& on) {
  const auto rows = two_rows();
  const auto count =
      co_await on.session->copy_in("load", "copy t from stdin (format binary)", rows, on.limit);
  on.note("load", count);
}

}  // namespace

const std::vector<recorded_operation> recorded_operations{
    {"connect", ""},  {"types", ""}, {"division", "22012"}, {"script", ""},
    {"pipeline", ""}, {"load", ""},  {"load", "23505"},
};

script recorded_session(bool over_tls) {
  auto steps = opening(over_tls);
  const auto login = authenticates();
  steps.insert(steps.end(), login.begin(), login.end());
  for (const auto& exchange : exchanges) {
    if (exchange.awaited != 0) steps.push_back(hears(exchange.awaited));
    for (const auto& message : exchange.answers) steps.push_back(says(bytes_of(message)));
  }
  return steps;
}

asio::awaitable<void> live_recorded_session(client_role& on) {
  auto options = on.options;
  auto made = co_await connect(std::move(options), on.limit, on.keys);
  on.note("connect", made);
  if (!made) co_return;
  on.session = std::move(*made);
  for (const auto part : {query_types, divide, run_the_script, run_the_pipeline, load, load}) {
    co_await part(on);
    if (!on.session->usable()) co_return;
  }
  co_await on.session->close();
}

}  // namespace ingestor::pg
