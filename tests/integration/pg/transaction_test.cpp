// What a transaction leaves behind, however it ends.
#include "pg/transaction.hpp"

#include "database.hpp"

#include <optional>
#include <utility>

namespace ingestor::pg {
namespace {

class transactions : public database_test {
 protected:
  /// A session and a table, `kept`, that the session alone sees.
  asio::awaitable<std::unique_ptr<connection>> prepared() {
    auto session = co_await connected();
    co_await script(*session, "create temp table kept (n bigint primary key)");
    co_return session;
  }

  asio::awaitable<void> insert(connection& on, std::int64_t n) {
    const auto one = insertion(n);
    const auto done = co_await on.execute(one, 10s);
    EXPECT_TRUE(done) << (done ? "" : done.error().text());
    EXPECT_EQ(done ? *done : 0, 1U);
  }

  static statement insertion(std::int64_t n) {
    return {"insert", "insert into kept values ($1)", {wire::int8(n)}, {}};
  }

  asio::awaitable<transaction> begun(connection& on) {
    auto open = co_await transaction::begin(on, 10s);
    EXPECT_TRUE(open) << (open ? "" : open.error().text());
    EXPECT_EQ(on.transaction_status(), 'T');
    co_return std::move(*open);
  }

  static constexpr std::string_view count_sql = "select count(*) from kept";
};

TEST_F(transactions, what_is_committed_stays) {
  run([this]() -> asio::awaitable<void> {
    const auto session = co_await prepared();
    auto open = co_await begun(*session);
    co_await insert(*open, 1);
    const auto committed = co_await open.commit(10s);
    EXPECT_TRUE(committed);
    EXPECT_EQ(session->transaction_status(), 'I');
    EXPECT_EQ(co_await one_bigint(*session, count_sql), 1);
  });
}

TEST_F(transactions, the_last_statements_leave_with_commit_and_the_first_with_begin) {
  run([this]() -> asio::awaitable<void> {
    const auto session = co_await prepared();
    const std::vector<statement> first{insertion(1), insertion(2)};
    auto open = co_await transaction::begin(*session, 10s, first);
    EXPECT_TRUE(open);
    const std::vector<statement> last{insertion(3)};
    const auto committed = co_await open->commit(10s, last);
    EXPECT_TRUE(committed);
    EXPECT_EQ(co_await one_bigint(*session, count_sql), 3);
  });
}

TEST_F(transactions, what_is_rolled_back_is_gone_and_the_session_goes_on) {
  run([this]() -> asio::awaitable<void> {
    const auto session = co_await prepared();
    auto open = co_await begun(*session);
    co_await insert(*open, 1);
    const auto undone = co_await open.rollback(10s);
    EXPECT_TRUE(undone);
    EXPECT_EQ(co_await one_bigint(*session, count_sql), 0);
  });
}

TEST_F(transactions, one_that_is_dropped_closes_its_session) {
  run([this]() -> asio::awaitable<void> {
    const auto session = co_await prepared();
    {
      const auto open = co_await begun(*session);
      co_await insert(*open, 1);
    }
    EXPECT_FALSE(session->usable());
  });
}

TEST_F(transactions, a_last_statement_that_fails_undoes_all_and_is_named) {
  run([this]() -> asio::awaitable<void> {
    const auto session = co_await prepared();
    auto open = co_await begun(*session);
    co_await insert(*open, 1);
    const std::vector<statement> last{insertion(1)};
    const auto committed = co_await open.commit(10s, last);
    EXPECT_FALSE(committed);
    EXPECT_EQ(committed.error().sqlstate, "23505");
    EXPECT_EQ(committed.error().statement, "insert");
    EXPECT_EQ(session->transaction_status(), 'I');
    EXPECT_EQ(co_await one_bigint(*session, count_sql), 0);
  });
}

TEST_F(transactions, a_constraint_that_waits_for_commit_fails_there) {
  run([this]() -> asio::awaitable<void> {
    const auto session = co_await prepared();
    co_await script(*session,
                    "create temp table late (n bigint unique deferrable initially deferred)");
    auto open = co_await begun(*session);
    co_await script(*open, "insert into late values (1), (1)");
    const auto committed = co_await open.commit(10s);
    EXPECT_FALSE(committed);
    EXPECT_EQ(committed.error().statement, "commit");
    EXPECT_TRUE(session->usable());
    EXPECT_EQ(session->transaction_status(), 'I');
  });
}

TEST_F(transactions, commit_after_a_failed_statement_is_an_error) {
  run([this]() -> asio::awaitable<void> {
    const auto session = co_await prepared();
    auto open = co_await begun(*session);
    co_await insert(*open, 1);
    const auto again = insertion(1);
    EXPECT_FALSE(co_await open->execute(again, 10s));
    const auto committed = co_await open.commit(10s);
    EXPECT_FALSE(committed);
    EXPECT_EQ(session->transaction_status(), 'I');
    EXPECT_EQ(co_await one_bigint(*session, count_sql), 0);
  });
}

TEST_F(transactions, a_first_statement_that_fails_leaves_nothing_open) {
  run([this]() -> asio::awaitable<void> {
    const auto session = co_await prepared();
    const std::vector<statement> first{{"nonsense", "select nonsense", {}, {}}};
    const auto open = co_await transaction::begin(*session, 10s, first);
    EXPECT_FALSE(open);
    EXPECT_EQ(session->transaction_status(), 'I');
    EXPECT_TRUE(session->usable());
  });
}

TEST_F(transactions, one_inside_another_is_a_mistake_in_the_program) {
  run([this]() -> asio::awaitable<void> {
    const auto session = co_await prepared();
    const auto open = co_await begun(*session);
    bool refused = false;
    try {
      co_await transaction::begin(*session, 10s);
    } catch (const std::logic_error&) {
      refused = true;
    }
    EXPECT_TRUE(refused);
  });
}

}  // namespace
}  // namespace ingestor::pg
