// Servers that say too much: what libpq itself does not survive. Each is met by a limit of its own
// or by the deadline, and nothing grows meanwhile.
#include "../scripted_peer.hpp"
#include "allocations.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

namespace ingestor::pg {
namespace {

using testing::HasSubstr;

constexpr std::size_t result_bytes_max = 1024U * 1024;
/// Of a server that is left to talk until the deadline.
constexpr auto short_limit = 200ms;

/// A piece of the flood is as large as the client's buffer, more or less.
constexpr std::size_t piece_bytes = 32U * 1024;

std::string many(const std::string& message) {
  std::string all;
  while (all.size() < piece_bytes) all += message;
  return all;
}

using next_piece = std::function<std::string()>;

/// Until the client is gone.
asio::awaitable<void> flood(scripted_session& to, next_piece next) {
  for (bool there = true; there;) {
    auto piece = next();
    there = co_await to.send(std::move(piece));
  }
}

next_piece always(const std::string& message) {
  return [piece = many(message)] { return piece; };
}

std::string notice() {
  return bytes_of(wire::notice_response{{{{'V', "NOTICE"}, {'M', "take note"}}}});
}

std::string notification() {
  return bytes_of(wire::notification_response{7, "news", "hello"});
}

std::string row() {
  const std::string text(1'000, 'x');
  return bytes_of(wire::data_row{{as_bytes(text)}});
}

std::string beginning_of_rows(wire::format format) {
  return bytes_of(wire::parse_complete{}) + bytes_of(wire::bind_complete{}) +
         bytes_of(wire::row_description{{{"t", 0, 0, wire::oid::text, -1, -1, format}}});
}

const statement select_text{"texts", "select t from t", {}, {wire::oid::text}};
const statement select_unread{"unread", "select t from t", {}, {}};

asio::awaitable<result<void>> outcome_of(asio::awaitable<result<row_set>> work) {
  const auto done = co_await std::move(work);
  if (!done) co_return done.error();
  co_return result<void>{};
}

using client_work = std::function<asio::awaitable<result<void>>(connection&)>;

asio::awaitable<result<void>> query_texts(connection& on) {
  co_return co_await outcome_of(on.query(select_text, 20s));
}
asio::awaitable<result<void>> query_texts_for_a_while(connection& on) {
  co_return co_await outcome_of(on.query(select_text, short_limit));
}
asio::awaitable<result<void>> query_unread(connection& on) {
  co_return co_await outcome_of(on.query(select_unread, short_limit));
}

asio::awaitable<result<void>> run_a_script(connection& on) {
  const auto done = co_await on.run_script("script", "select …", 20s);
  if (!done) co_return done.error();
  co_return result<void>{};
}

struct met {
  error failure;
  std::size_t peak_bytes = 0;
};

/// What comes of `work` when the server, once asked, answers with `beginning` and then a flood.
met meet(const client_work& work, char asked, const std::string& beginning,
         const next_piece& next) {
  met outcome;
  stage_play play;
  const auto client = [&](stage_play& on) -> asio::awaitable<void> {
    auto options = on.options();
    options.result_bytes_max = result_bytes_max;
    auto made = co_await connect(std::move(options), 20s);
    EXPECT_TRUE(made);
    const allocations taken;
    const auto done = co_await work(**made);
    outcome.peak_bytes = taken.peak_bytes();
    EXPECT_FALSE(done);
    if (!done) outcome.failure = done.error();
    EXPECT_FALSE((*made)->usable()) << "there is no end to wait for";
  };
  play.run(client, [&](scripted_peer& peer) -> asio::awaitable<void> {
    co_await peer.let_in();
    co_await peer.receive_until(asked);
    co_await peer.send(beginning);
    co_await flood(peer, next);
  });
  return outcome;
}

/// What the flood itself holds in this process, and what every operation does.
constexpr std::size_t overhead_bytes = 256U * 1024;

TEST(flood, of_notifications_during_a_query_ends_by_the_deadline) {
  const auto outcome = meet(query_texts_for_a_while, 'S', "", always(notification()));
  EXPECT_EQ(outcome.failure.category, error_category::timeout) << outcome.failure.text();
  EXPECT_LE(outcome.peak_bytes, overhead_bytes);
}

TEST(flood, of_notices_during_a_query_ends_by_the_deadline) {
  const auto outcome = meet(query_texts_for_a_while, 'S', "", always(notice()));
  EXPECT_EQ(outcome.failure.category, error_category::timeout) << outcome.failure.text();
  EXPECT_LE(outcome.peak_bytes, overhead_bytes);
}

TEST(flood, of_rows_meets_the_limit_of_a_result) {
  const auto outcome =
      meet(query_texts, 'S', beginning_of_rows(wire::format::binary), always(row()));
  EXPECT_EQ(outcome.failure.category, error_category::statement) << outcome.failure.text();
  EXPECT_THAT(outcome.failure.text(), HasSubstr("larger than this client takes"));
  // Growing, a container holds its old memory beside the new, which is twice as large.
  EXPECT_LE(outcome.peak_bytes, 3 * result_bytes_max + overhead_bytes);
}

TEST(flood, of_rows_that_nobody_reads_ends_by_the_deadline) {
  const auto outcome =
      meet(query_unread, 'S', beginning_of_rows(wire::format::text), always(row()));
  EXPECT_EQ(outcome.failure.category, error_category::timeout) << outcome.failure.text();
  EXPECT_LE(outcome.peak_bytes, overhead_bytes);
}

TEST(flood, of_rows_behind_an_error_ends_by_the_deadline) {
  const auto outcome = meet(query_texts_for_a_while, 'S', server_error("22012"), always(row()));
  EXPECT_EQ(outcome.failure.category, error_category::timeout) << outcome.failure.text();
  EXPECT_LE(outcome.peak_bytes, overhead_bytes);
}

TEST(flood, of_errors_ends_by_the_deadline) {
  const auto outcome = meet(query_texts_for_a_while, 'S', "", always(server_error("22012")));
  EXPECT_EQ(outcome.failure.category, error_category::timeout) << outcome.failure.text();
  EXPECT_LE(outcome.peak_bytes, overhead_bytes);
}

TEST(flood, of_results_of_a_script_meets_the_limit_of_a_result) {
  const auto outcome =
      meet(run_a_script, 'Q', "", always(bytes_of(wire::command_complete{"SELECT 1"})));
  EXPECT_EQ(outcome.failure.category, error_category::protocol_violation) << outcome.failure.text();
  EXPECT_LE(outcome.peak_bytes, 3 * result_bytes_max + overhead_bytes);
}

TEST(flood, of_settings_meets_their_limit) {
  const auto next = [n = 0]() mutable {
    std::string piece;
    while (piece.size() < piece_bytes) {
      piece += bytes_of(wire::parameter_status{"setting" + std::to_string(++n), "on"});
    }
    return piece;
  };
  const auto outcome = meet(query_texts, 'S', "", next);
  EXPECT_EQ(outcome.failure.category, error_category::protocol_violation) << outcome.failure.text();
  EXPECT_THAT(outcome.failure.text(), HasSubstr("more settings than any server has"));
  EXPECT_LE(outcome.peak_bytes, overhead_bytes);
}

/// A row of 64 MiB is allowed, and comes; a client that believed its length would hold them at
/// once.
TEST(flood, a_row_longer_than_a_result_may_be_is_refused_by_its_length) {
  auto header = row().substr(0, 5);
  header[1] = 0x03;  // some 50 MB
  const auto outcome = meet(query_texts, 'S', beginning_of_rows(wire::format::binary),
                            always(header + std::string(1'000, 'x')));
  EXPECT_EQ(outcome.failure.category, error_category::protocol_violation) << outcome.failure.text();
  EXPECT_LE(outcome.peak_bytes, overhead_bytes);
}

TEST(flood, of_what_an_idle_session_says_is_left_at_the_next_operation) {
  for (const auto& message : {notification(), notice()}) {
    stage_play play;
    const auto client = [](stage_play& on) -> asio::awaitable<void> {
      const auto session = co_await connected(on);
      co_await pause(50ms);
      const allocations taken;
      const auto rows = co_await session->query(select_n, 20s);
      EXPECT_LE(taken.peak_bytes(), overhead_bytes);
      EXPECT_FALSE(rows);
      EXPECT_EQ(rows.error().category, error_category::protocol_violation);
      EXPECT_THAT(rows.error().text(), HasSubstr("talks without end"));
      EXPECT_FALSE(session->usable());
    };
    play.run(client, [&](scripted_peer& peer) -> asio::awaitable<void> {
      co_await peer.let_in();
      co_await flood(peer, always(message));
    });
  }
}

}  // namespace
}  // namespace ingestor::pg
