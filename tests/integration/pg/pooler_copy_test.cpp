// COPY through PgBouncer. The cases are those of PgBouncer's own list of COPY tests: in, in with an
// error before and after the end of the data, and out; each as a simple query, by the extended
// protocol and by a prepared statement; and an end of the data that comes too late, outside and
// inside of a transaction. Where this client does no such thing, the case is that it refuses, and
// that the pooler stays in order.
#include "pg/copy_writer.hpp"
#include "pooler.hpp"

#include <gmock/gmock.h>

#include <optional>

namespace ingestor::pg {
namespace {

using testing::HasSubstr;

constexpr std::string_view load = "copy pooled (batch, n) from stdin (format binary)";
constexpr std::string_view unload = "copy (select 1) to stdout";

class pooler_copy : public pooler_test {
 protected:
  asio::awaitable<std::uint64_t> loaded(connection& on, std::int64_t batch, std::int64_t count) {
    const auto buffer = rows(batch, count);
    const auto done = co_await on.copy_in("load", load, buffer, 10s);
    EXPECT_TRUE(done) << (done ? "" : done.error().text());
    co_return done ? *done : 0;
  }

  asio::awaitable<void> refused_by_the_table(connection& on) {
    const auto buffer = rows(1, 10, true);
    const auto done = co_await on.copy_in("load", load, buffer, 10s);
    EXPECT_FALSE(done);
    if (!done) {
      EXPECT_EQ(done.error().sqlstate, "23514") << done.error().text();
    }
  }

  /// A COPY of a row which the server has refused by now, and the writer has not heard of it.
  asio::awaitable<std::optional<copy_writer>> refused_unheard(connection& on) {
    const auto onlooker = co_await directly();
    co_await script(*onlooker, "select pg_advisory_lock(707)");
    auto writer = co_await copy_writer::begin(on, "load", load, 10s);
    EXPECT_TRUE(writer) << (writer ? "" : writer.error().text());
    if (!writer) co_return std::nullopt;
    const auto buffer = rows(1, 10, true);
    const auto written = co_await writer->write(buffer.bytes(), 10s);
    EXPECT_TRUE(written) << (written ? "" : written.error().text());
    co_await script(*onlooker, "select pg_advisory_unlock(707)");
    while (co_await one_bigint(*onlooker, copies_under_way) > 0) {
    }
    co_return std::move(*writer);
  }

  /// The client is as good as before, and so is the pooler.
  asio::awaitable<void> expect_in_order(connection& client) {
    EXPECT_TRUE(client.usable());
    EXPECT_EQ(client.transaction_status(), 'I');
    co_await expect_all_server_connections_free_and_clean();
    EXPECT_EQ(co_await one_bigint(client, "select 41 + 1::bigint"), 42);
  }

  asio::awaitable<void> expect_refused_and_closed(connection& client, const error& failure,
                                                  std::string_view words) {
    EXPECT_EQ(failure.category, error_category::statement) << failure.text();
    EXPECT_THAT(failure.text(), HasSubstr(std::string{words}));
    EXPECT_FALSE(client.usable()) << "the server still waits for data, or sends some";
    co_await expect_all_server_connections_free_and_clean();
  }

  static constexpr std::string_view copies_under_way =
      "select count(*) from pg_stat_activity where state = 'active' and query like 'copy pooled%'";
};

// As a simple query.

TEST_F(pooler_copy, in_as_a_simple_query_succeeds) {
  run([this]() -> asio::awaitable<void> {
    const auto client = co_await connected();
    EXPECT_EQ(co_await loaded(*client, 1, 1'000), 1'000U);
    co_await expect_in_order(*client);
    EXPECT_EQ(co_await count(*client), 1'000);
  });
}

TEST_F(pooler_copy, in_as_a_simple_query_with_an_error_before_the_end_of_the_data) {
  run([this]() -> asio::awaitable<void> {
    const auto client = co_await connected();
    auto writer = co_await refused_unheard(*client);
    if (!writer) co_return;
    const auto more = rows(1, 10);
    auto written = co_await writer->write(more.bytes(), 10s);
    for (int i = 0; i < 1'000 && written; ++i) written = co_await writer->write(more.bytes(), 10s);
    EXPECT_FALSE(written);
    if (!written) {
      EXPECT_EQ(written.error().category, error_category::data) << written.error().text();
    }
    co_await expect_in_order(*client);
    EXPECT_EQ(co_await count(*client), 0);
  });
}

TEST_F(pooler_copy, in_as_a_simple_query_with_an_error_after_the_end_of_the_data) {
  run([this]() -> asio::awaitable<void> {
    const auto client = co_await connected();
    co_await refused_by_the_table(*client);
    co_await expect_in_order(*client);
    EXPECT_EQ(co_await count(*client), 0);
  });
}

TEST_F(pooler_copy, out_as_a_simple_query_is_refused) {
  run([this]() -> asio::awaitable<void> {
    const auto client = co_await connected();
    const auto done = co_await client->run_script("unload", unload, 10s);
    EXPECT_FALSE(done);
    co_await expect_refused_and_closed(*client, done.error(),
                                       "a COPY cannot be a part of a script");
  });
}

// By the extended protocol.

TEST_F(pooler_copy, in_by_the_extended_protocol_is_refused) {
  run([this]() -> asio::awaitable<void> {
    const auto client = co_await connected();
    const statement copy{"load", load, {}, {}};
    const auto done = co_await client->execute(copy, 10s);
    EXPECT_FALSE(done);
    co_await expect_refused_and_closed(*client, done.error(), "a COPY cannot be executed");
  });
}

TEST_F(pooler_copy, in_by_the_extended_protocol_undoes_what_was_sent_before_it) {
  run([this]() -> asio::awaitable<void> {
    const auto client = co_await connected();
    const statement insert{"insert", "insert into pooled values (1, 1)", {}, {}};
    const std::vector<statement> pipeline{insert, {"load", load, {}, {}}, insert};
    const auto done = co_await client->pipeline(pipeline, 10s);
    EXPECT_FALSE(done);
    EXPECT_EQ(done.error().statement, "load");
    co_await expect_refused_and_closed(*client, done.error(), "a COPY cannot be executed");
    const auto other = co_await connected();
    EXPECT_EQ(co_await count(*other), 0);
  });
}

TEST_F(pooler_copy, in_by_the_extended_protocol_with_an_error_of_the_server) {
  run([this]() -> asio::awaitable<void> {
    const auto client = co_await connected();
    const statement copy{"load", "copy nowhere from stdin (format binary)", {}, {}};
    const auto done = co_await client->execute(copy, 10s);
    EXPECT_FALSE(done);
    EXPECT_EQ(done.error().sqlstate, "42P01") << done.error().text();
    co_await expect_in_order(*client);
  });
}

TEST_F(pooler_copy, out_by_the_extended_protocol_is_refused) {
  run([this]() -> asio::awaitable<void> {
    const auto client = co_await connected();
    const statement copy{"unload", unload, {}, {}};
    const auto done = co_await client->query(copy, 10s);
    EXPECT_FALSE(done);
    co_await expect_refused_and_closed(*client, done.error(), "a COPY cannot be executed");
  });
}

// An end of the data that crosses the server's error.

TEST_F(pooler_copy, an_end_that_comes_too_late_keeps_no_server_connection) {
  run([this]() -> asio::awaitable<void> {
    const auto client = co_await connected();
    auto writer = co_await refused_unheard(*client);
    if (!writer) co_return;
    // The pooler has heard of the error: the connection to the server is free.
    co_await expect_all_server_connections_free_and_clean();
    const auto done = co_await writer->finish(10s);
    EXPECT_FALSE(done);
    if (!done) {
      EXPECT_EQ(done.error().sqlstate, "23514") << done.error().text();
    }
    co_await expect_in_order(*client);
  });
}

TEST_F(pooler_copy, an_end_that_comes_too_late_in_a_transaction) {
  run([this]() -> asio::awaitable<void> {
    const auto client = co_await connected();
    auto open = co_await transaction::begin(*client, 10s);
    EXPECT_TRUE(open);
    auto writer = co_await refused_unheard(*client);
    if (!writer) co_return;
    const auto done = co_await writer->finish(10s);
    EXPECT_FALSE(done);
    EXPECT_EQ(client->transaction_status(), 'E');
    const auto undone = co_await open->rollback(10s);
    EXPECT_TRUE(undone) << (undone ? "" : undone.error().text());
    co_await expect_in_order(*client);
  });
}

// By a prepared statement: this client has none, and does the same COPY again without.

TEST_F(pooler_copy, in_again_and_again_prepares_nothing) {
  run([this]() -> asio::awaitable<void> {
    const auto one = co_await connected();
    const auto two = co_await connected();
    for (int i = 0; i < 5; ++i) {
      EXPECT_EQ(co_await loaded(*one, 1, 10), 10U);
      EXPECT_EQ(co_await loaded(*two, 2, 10), 10U);
    }
    co_await expect_in_order(*one);
    EXPECT_EQ(co_await count(*two), 100);
  });
}

TEST_F(pooler_copy, in_again_after_an_error_before_the_end_of_the_data) {
  run([this]() -> asio::awaitable<void> {
    const auto client = co_await connected();
    auto writer = co_await refused_unheard(*client);
    if (!writer) co_return;
    EXPECT_FALSE(co_await writer->finish(10s));
    EXPECT_EQ(co_await loaded(*client, 1, 10), 10U);
    co_await expect_in_order(*client);
    EXPECT_EQ(co_await count(*client), 10);
  });
}

TEST_F(pooler_copy, in_again_after_an_error_after_the_end_of_the_data) {
  run([this]() -> asio::awaitable<void> {
    const auto client = co_await connected();
    co_await refused_by_the_table(*client);
    EXPECT_EQ(co_await loaded(*client, 1, 10), 10U);
    co_await expect_in_order(*client);
    EXPECT_EQ(co_await count(*client), 10);
  });
}

TEST_F(pooler_copy, out_cannot_be_prepared_by_sql_either) {
  run([this]() -> asio::awaitable<void> {
    const auto client = co_await connected();
    const auto done = co_await client->run_script("prepare", "prepare p as copy t to stdout", 10s);
    EXPECT_FALSE(done);
    EXPECT_EQ(done.error().sqlstate, "42601") << done.error().text();
    co_await expect_in_order(*client);
  });
}

// What that list does not hold.

TEST_F(pooler_copy, inside_a_transaction_with_other_statements) {
  run([this]() -> asio::awaitable<void> {
    const auto client = co_await connected();
    const std::vector<statement> first{
        {"mark", "select set_config('pooled.mark', 'mine', true)", {}, {}}};
    auto open = co_await transaction::begin(*client, 10s, first);
    EXPECT_TRUE(open);
    EXPECT_EQ(co_await loaded(*client, 1, 10), 10U);
    EXPECT_EQ(co_await loaded(*client, 2, 10), 10U);
    const statement insert{"insert", "insert into pooled values ($1, 0)", {wire::int8(3)}, {}};
    const std::vector<statement> last{insert};
    const auto committed = co_await open->commit(10s, last);
    EXPECT_TRUE(committed) << (committed ? "" : committed.error().text());
    co_await expect_in_order(*client);
    EXPECT_EQ(co_await count(*client), 21);
  });
}

TEST_F(pooler_copy, aborted_by_the_client) {
  run([this]() -> asio::awaitable<void> {
    const auto client = co_await connected();
    auto writer = co_await copy_writer::begin(*client, "load", load, 10s);
    EXPECT_TRUE(writer);
    const auto buffer = rows(1, 1'000);
    EXPECT_TRUE(co_await writer->write(buffer.bytes(), 10s));
    const auto aborted = co_await writer->abort("no more", 10s);
    EXPECT_TRUE(aborted) << (aborted ? "" : aborted.error().text());
    co_await expect_in_order(*client);
    EXPECT_EQ(co_await count(*client), 0);
  });
}

TEST_F(pooler_copy, of_a_client_that_goes_away_in_the_middle) {
  run([this]() -> asio::awaitable<void> {
    for (int i = 0; i < server_connections + 1; ++i) {
      const auto client = co_await connected();
      auto writer = co_await copy_writer::begin(*client, "load", load, 10s);
      EXPECT_TRUE(writer) << (writer ? "" : writer.error().text());
      const auto buffer = rows(1, 1'000);
      EXPECT_TRUE(co_await writer->write(buffer.bytes(), 10s));
    }
    co_await expect_all_server_connections_free_and_clean();
    const auto other = co_await connected();
    EXPECT_EQ(co_await count(*other), 0);
  });
}

TEST_F(pooler_copy, several_in_one_simple_query_are_refused) {
  run([this]() -> asio::awaitable<void> {
    const auto client = co_await connected();
    const auto twice = std::string{load} + ";" + std::string{load};
    const auto buffer = rows(1, 10);
    const auto done = co_await client->copy_in("load", twice, buffer, 10s);
    EXPECT_FALSE(done);
    EXPECT_FALSE(client->usable());
    co_await expect_all_server_connections_free_and_clean();
    const auto other = co_await connected();
    EXPECT_EQ(co_await count(*other), 0) << "both are one transaction, which did not end";
  });
}

}  // namespace
}  // namespace ingestor::pg
