#include "operations.hpp"

#include "pg/copy_writer.hpp"
#include "pg/transaction.hpp"
#include "scripted_peer.hpp"

namespace ingestor::pg {
namespace {

/// For what is not under test.
constexpr auto patience = 20s;

script operator+(script first, const script& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

std::string command(std::string_view tag) {
  return bytes_of(wire::command_complete{tag});
}

/// The replies to a statement without rows, in a pipeline.
std::string done(std::string_view tag) {
  return bytes_of(wire::parse_complete{}) + bytes_of(wire::bind_complete{}) +
         bytes_of(wire::no_data{}) + command(tag);
}

std::string rows_of_one_bigint() {
  const auto whole = one_bigint(1);
  return whole.substr(0, whole.size() - ready().size());
}

std::string notice() {
  return bytes_of(wire::notice_response{{{{'V', "NOTICE"}, {'M', "take note"}}}});
}

std::string copy_begins() {
  return bytes_of(wire::copy_in_response{wire::format::binary, {wire::format::binary}});
}

script let_in(bool over_tls) {
  return opening(over_tls) + says_each(welcome());
}

asio::awaitable<result<std::int64_t>> query_again(connection& session) {
  const auto rows = co_await session.query(select_n, patience);
  if (!rows) co_return rows.error();
  co_return rows->get<std::int64_t>(0, 0);
}

asio::awaitable<void> look_after(client_role& on) {
  if (!on.session) co_return;
  const bool usable = on.session->usable();
  auto value = co_await query_again(*on.session);
  if (value && (!usable || *value != value_of_queries_behind_the_script)) {
    value = make_error(error_category::protocol_violation, "the query got another's reply");
  }
  on.note("again", value);
}

asio::awaitable<void> connect_for(client_role& on, std::chrono::milliseconds limit) {
  auto options = on.options;
  auto made = co_await connect(std::move(options), limit, on.keys);
  if (made) {
    on.session = std::move(*made);
  } else {
    on.note("connect", made);
  }
}

/// Logs in, does one thing, looks whether the session is in order.
template <auto Operation>
asio::awaitable<void> in_a_session(client_role& on) {
  co_await connect_for(on, patience);
  if (!on.session) co_return;
  co_await Operation(on);
  co_await look_after(on);
}

asio::awaitable<void> log_in(client_role& on) {
  co_await connect_for(on, on.limit);
  if (on.session) on.note("connect", result<void>{});
  co_await look_after(on);
}

asio::awaitable<void> log_in_to_a_primary(client_role& on) {
  on.options.target = session_attributes::primary;
  co_await log_in(on);
}

asio::awaitable<void> query(client_role& on) {
  const auto rows = co_await on.session->query(select_n, on.limit);
  on.note("query", rows);
}

asio::awaitable<void> execute(client_role& on) {
  const statement update{"update", "update t set n = 1", {}, {}};
  const auto count = co_await on.session->execute(update, on.limit);
  on.note("execute", count);
}

asio::awaitable<void> pipeline(client_role& on) {
  const statement update{"update", "update t set n = 1", {}, {}};
  const std::vector<statement> three{update, select_n, update};
  const auto results = co_await on.session->pipeline(three, on.limit);
  on.note("pipeline", results);
}

asio::awaitable<void> run_script(client_role& on) {
  const auto results = co_await on.session->run_script("script", "set a = 1; select 1", on.limit);
  on.note("run_script", results);
}

asio::awaitable<void> copy_in(client_role& on) {
  const auto rows = two_rows();
  const auto count =
      co_await on.session->copy_in("load", "COPY t FROM STDIN (FORMAT binary)", rows, on.limit);
  on.note("copy_in", count);
}

asio::awaitable<result<void>> write_and_end(copy_writer& to, client_role& on, bool abort) {
  const auto rows = two_rows();
  for (const auto byte : rows.bytes()) {
    const const_bytes part{&byte, 1};
    const auto written = co_await to.write(part, on.limit);
    if (!written) co_return written.error();
  }
  if (abort) co_return co_await to.abort("changed my mind", on.limit);
  const auto count = co_await to.finish(on.limit);
  if (!count) co_return count.error();
  co_return result<void>{};
}

asio::awaitable<void> copy_in_parts(client_role& on, bool abort) {
  auto writer = co_await copy_writer::begin(*on.session, "load",
                                            "COPY t FROM STDIN (FORMAT binary)", on.limit);
  if (!writer) {
    on.note("copy", writer);
    co_return;
  }
  const auto ended = co_await write_and_end(*writer, on, abort);
  on.note("copy", ended);
}

asio::awaitable<void> copy_to_its_end(client_role& on) {
  co_await copy_in_parts(on, false);
}

asio::awaitable<void> copy_and_abort(client_role& on) {
  co_await copy_in_parts(on, true);
}

asio::awaitable<void> transact(client_role& on) {
  auto begun = co_await transaction::begin(*on.session, on.limit);
  if (!begun) {
    on.note("transaction", begun);
    co_return;
  }
  const auto committed = co_await begun->commit(on.limit);
  on.note("transaction", committed);
}

asio::awaitable<void> ask_for_a_sign_of_life(client_role& on) {
  const bool alive = co_await on.session->answers(on.limit);
  result<void> outcome;
  if (!alive) outcome = make_error(error_category::connection, "no sign of life");
  on.note("answers", outcome);
}

asio::awaitable<void> cancel(client_role& on) {
  const auto cancelled = co_await on.session->cancel(on.limit);
  on.note("cancel", cancelled);
}

/// Logging in, under test from the first byte.
operation logs_in(std::string name, bool over_tls, const script& steps, client_part client) {
  operation one;
  one.name = std::move(name);
  one.during = phase::startup;
  one.steps = opening(over_tls) + steps;
  one.client = client;
  return one;
}

operation in_session(std::string name, phase during, bool over_tls, const script& steps,
                     client_part client) {
  operation one;
  one.name = std::move(name);
  one.during = during;
  one.steps = let_in(over_tls);
  one.from = one.steps.size();
  one.steps = one.steps + steps;
  one.client = client;
  return one;
}

script cancels(bool over_tls) {
  return opening(over_tls) + script{closes()};
}

}  // namespace

wire::copy_buffer two_rows() {
  wire::copy_buffer rows;
  for (const int value : {1, 2}) {
    rows.begin_row(1);
    rows.int8(value);
  }
  rows.finish();
  return rows;
}

script says_each(std::string_view messages) {
  script steps;
  while (!messages.empty()) {
    wire::reader header{as_bytes(messages.substr(1))};
    const auto size = 1 + static_cast<std::size_t>(header.int32());
    steps.push_back(says(std::string{messages.substr(0, size)}));
    messages.remove_prefix(size);
  }
  return steps;
}

script opening(bool over_tls) {
  script steps{accepts(), hears_first()};
  if (over_tls) steps = steps + script{says("S"), starts_tls(), hears_first()};
  return steps;
}

script authenticates() {
  using wire::authentication;
  return script{says(bytes_of(authentication{wire::authentication_sasl{{"SCRAM-SHA-256"}}})),
                hears('p'),
                challenges(),
                hears('p'),
                judges(),
                says(bytes_of(authentication{wire::authentication_ok{}}))};
}

std::vector<operation> all_operations(bool over_tls) {
  const auto session = says_each(bytes_of(wire::parameter_status{"server_encoding", "UTF8"}) +
                                 bytes_of(wire::backend_key_data{7, 8}) + ready());
  const auto standby_asked =
      script{hears('Q')} +
      says_each(bytes_of(wire::row_description{{{"pg_is_in_recovery"}}}) +
                bytes_of(wire::data_row{{as_bytes("f")}}) + command("SELECT 1") + ready());
  const auto copy_starts = script{hears('Q'), says(copy_begins()), hears('d'), says(notice())};
  const auto begun = script{hears('S')} + says_each(done("BEGIN") + ready('T'));
  using enum phase;
  std::vector<operation> all{
      logs_in("connect, trusted", over_tls, says_each(welcome()), log_in),
      logs_in("connect with SCRAM", over_tls, authenticates() + session, log_in),
      logs_in("connect to a primary", over_tls, says_each(welcome()) + standby_asked,
              log_in_to_a_primary),
      in_session("query", statement, over_tls, script{hears('S')} + says_each(one_bigint(1)),
                 in_a_session<query>),
      in_session("execute", statement, over_tls,
                 script{hears('S')} + says_each(done("UPDATE 1") + ready()), in_a_session<execute>),
      in_session("pipeline", statement, over_tls,
                 script{hears('S')} + says_each(done("UPDATE 1") + rows_of_one_bigint() +
                                                done("UPDATE 2") + ready()),
                 in_a_session<pipeline>),
      in_session("run_script", statement, over_tls,
                 script{hears('Q')} +
                     says_each(command("SET") + bytes_of(wire::row_description{{{"n"}}}) +
                               bytes_of(wire::data_row{{as_bytes("1")}}) + command("SELECT 1") +
                               bytes_of(wire::parameter_status{"a", "1"}) + ready()),
                 in_a_session<run_script>),
      in_session("copy_in", copy, over_tls,
                 copy_starts + script{hears('c')} + says_each(command("COPY 2") + ready()),
                 in_a_session<copy_in>),
      in_session("a COPY in parts", copy, over_tls,
                 copy_starts + script{hears('c')} + says_each(command("COPY 2") + ready()),
                 in_a_session<copy_to_its_end>),
      in_session("a COPY that is aborted", copy, over_tls,
                 copy_starts + script{hears('f')} + says_each(server_error("57014") + ready()),
                 in_a_session<copy_and_abort>),
      in_session("transaction", statement, over_tls,
                 begun + script{hears('S')} + says_each(done("COMMIT") + ready()),
                 in_a_session<transact>),
      in_session("a sign of life", statement, over_tls, script{hears('S')} + says_each(ready()),
                 in_a_session<ask_for_a_sign_of_life>),
      in_session("cancel", startup, over_tls, cancels(over_tls), in_a_session<cancel>),
  };
  all.back().leaves_the_session_alone = true;
  for (auto& each : all) {
    each.says_yes_or_no = each.client == client_part{in_a_session<ask_for_a_sign_of_life>};
    each.ends_with_a_refusal = each.client == client_part{in_a_session<copy_and_abort>};
    each.over_tls = over_tls;
    if (over_tls) each.name += " over TLS";
  }
  return all;
}

}  // namespace ingestor::pg
