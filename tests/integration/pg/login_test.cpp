#include "database.hpp"
#include "open_descriptors.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/post.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>

namespace ingestor::pg {
namespace {

using testing::HasSubstr;

class login : public database_test {
 protected:
  /// The error, or none when the login succeeded.
  std::optional<error> attempt(const connection_options& with) {
    std::optional<error> failure;
    run([&]() -> asio::awaitable<void> {
      auto copy = with;
      const auto made = co_await connect(std::move(copy), 10s, keys);
      if (!made) failure = made.error();
    });
    io.restart();
    return failure;
  }
};

TEST_F(login, with_the_right_password) {
  run([this]() -> asio::awaitable<void> {
    const auto session = co_await connected();
    EXPECT_TRUE(session->usable());
    EXPECT_EQ(session->transaction_status(), 'I');
    EXPECT_EQ(session->parameter("server_encoding"), "UTF8");
    EXPECT_GT(session->process_id(), 0);
    co_await session->close();
    EXPECT_FALSE(session->usable());
  });
}

TEST_F(login, without_a_key_deriver_of_its_own) {
  run([this]() -> asio::awaitable<void> {
    auto copy = options;
    const auto made = co_await connect(std::move(copy), 10s);
    EXPECT_TRUE(made);
  });
}

TEST_F(login, with_a_wrong_password) {
  options.password = secret{"wrong password"};
  const auto failure = attempt(options);
  if (!failure) GTEST_SKIP() << "the server asks for no password";
  EXPECT_EQ(failure->category, error_category::authentication);
  EXPECT_EQ(failure->sqlstate, "28P01");
  EXPECT_THAT(failure->text(), testing::Not(HasSubstr("wrong password")));
}

TEST_F(login, to_a_database_that_does_not_exist) {
  options.database = "no such database";
  const auto failure = attempt(options);
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->category, error_category::configuration);
  EXPECT_EQ(failure->sqlstate, "3D000");
}

TEST_F(login, to_a_port_where_nobody_listens) {
  options.servers = {{"127.0.0.1", 1}};
  const auto failure = attempt(options);
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->category, error_category::connection);
  EXPECT_THAT(failure->text(), HasSubstr("127.0.0.1:1"));
}

TEST_F(login, to_a_host_that_does_not_exist) {
  options.servers = {{"no-such-host.invalid", 5432}};
  const auto failure = attempt(options);
  ASSERT_TRUE(failure);
  EXPECT_THAT(failure->text(), HasSubstr("no-such-host.invalid:5432"));
}

TEST_F(login, tries_the_next_host) {
  options.servers.insert(options.servers.begin(), {"127.0.0.1", 1});
  EXPECT_FALSE(attempt(options));
}

/// Needs the directory of the server's socket in INGESTOR_TEST_DATABASE_SOCKET.
TEST_F(login, over_a_unix_socket) {
  const auto directory = environment("INGESTOR_TEST_DATABASE_SOCKET");
  if (directory.empty()) GTEST_SKIP() << "INGESTOR_TEST_DATABASE_SOCKET is not set";
  options.servers.front().host = directory;
  options.sslmode = ssl_mode::verify_full;
  run([this]() -> asio::awaitable<void> {
    const auto session = co_await connected();
    if (!session) co_return;
    EXPECT_EQ(session->server(), options.servers.front().socket_path());
    const auto local = "select (inet_client_addr() is null)::int::bigint";
    EXPECT_EQ(co_await one_bigint(*session, local), 1);
    const auto done = co_await session->cancel(5s);
    EXPECT_TRUE(done) << (done ? "" : done.error().text());
  });
}

TEST_F(login, target_session_attributes) {
  for (const auto target : {session_attributes::read_write, session_attributes::primary,
                            session_attributes::prefer_standby}) {
    options.target = target;
    EXPECT_FALSE(attempt(options));
  }
  for (const auto target : {session_attributes::read_only, session_attributes::standby}) {
    options.target = target;
    const auto failure = attempt(options);
    ASSERT_TRUE(failure);
    EXPECT_EQ(failure->category, error_category::connection);
    EXPECT_THAT(failure->text(), HasSubstr("target_session_attrs"));
  }
  options.options = "-c default_transaction_read_only=on";
  options.target = session_attributes::read_write;
  EXPECT_TRUE(attempt(options)) << "a read-only session is not what was asked for";
  options.target = session_attributes::primary;
  EXPECT_FALSE(attempt(options)) << "but it is on the primary";
}

TEST_F(login, names_the_application) {
  options.application_name = "integration-pg";
  run([this]() -> asio::awaitable<void> {
    const auto session = co_await connected();
    const statement ask{"name", "show application_name", {}, {wire::oid::text}};
    const auto rows = co_await session->query(ask, 5s);
    EXPECT_EQ(rows->get<std::string>(0, 0), "integration-pg");
  });
}

asio::awaitable<void> log_in_into(connection_options options, key_deriver& keys,
                                  std::unique_ptr<connection>& session) {
  auto made = co_await connect(std::move(options), 10s, keys);
  if (made) session = std::move(*made);
}

/// Cancels a login after so many steps of the loop; says whether it had ended before.
bool cancelled_after(int steps, const connection_options& options, key_deriver& keys) {
  asio::cancellation_signal signal;
  asio::io_context loop;
  std::unique_ptr<connection> session;
  bool ended = false;
  auto on_end = [&ended](const std::exception_ptr&) { ended = true; };
  asio::co_spawn(loop, log_in_into(options, keys, session),
                 asio::bind_cancellation_slot(signal.slot(), std::move(on_end)));
  for (int i = 0; i < steps && !ended; ++i) loop.run_one_for(10s);
  const bool quicker = ended;
  asio::post(loop, [&signal] { signal.emit(asio::cancellation_type::terminal); });
  loop.run_for(10s);
  EXPECT_TRUE(ended) << "cancelled after " << steps << " steps it still waits";
  EXPECT_TRUE(!session || session->usable());
  return quicker;
}

TEST_F(login, cancelled_after_any_step_leaks_nothing) {
  for (const auto mode : {ssl_mode::disable, ssl_mode::prefer}) {
    options.sslmode = mode;
    const auto before = open_descriptors();
    int steps = 0;
    while (steps < 1'000 && !cancelled_after(steps, options, keys)) {
      EXPECT_EQ(open_descriptors(), before) << "after " << steps << " steps";
      ++steps;
    }
    EXPECT_GT(steps, 5) << "connecting, and waiting for several messages";
    EXPECT_LT(steps, 1'000);
  }
}

TEST_F(login, given_no_time_ends_in_time) {
  for (int i = 0; i < 20; ++i) {
    run([this, i]() -> asio::awaitable<void> {
      auto copy = options;
      const auto made = co_await connect(std::move(copy), std::chrono::microseconds{i * 500}, keys);
      if (!made) {
        EXPECT_EQ(made.error().category, error_category::timeout) << made.error().text();
      }
    });
    io.restart();
  }
}

/// Needs the CA of the server's certificate in INGESTOR_TEST_TLS_ROOT_CERT; the certificate is for
/// "localhost" or 127.0.0.1.
class tls : public login {
 protected:
  void SetUp() override {
    login::SetUp();
    if (IsSkipped()) return;
    authority = environment("INGESTOR_TEST_TLS_ROOT_CERT");
    if (authority.empty()) GTEST_SKIP() << "INGESTOR_TEST_TLS_ROOT_CERT is not set: no TLS to test";
    if (options.servers.front().is_unix()) GTEST_SKIP() << "there is no TLS on a unix socket";
    options.servers.front().host = "localhost";
    options.sslrootcert.clear();
  }

  bool encrypted(const connection_options& with) {
    bool yes = false;
    run([&]() -> asio::awaitable<void> {
      auto copy = with;
      const auto made = co_await connect(std::move(copy), 10s, keys);
      EXPECT_TRUE(made) << (made ? "" : made.error().text());
      if (!made) co_return;
      const statement ask{"ssl",
                          "select ssl from pg_stat_ssl where pid = pg_backend_pid()",
                          {},
                          {wire::oid::boolean}};
      const auto rows = co_await (*made)->query(ask, 5s);
      yes = rows->get<bool>(0, 0);
    });
    io.restart();
    return yes;
  }

  std::string authority;
};

TEST_F(tls, is_used_as_the_mode_says) {
  options.sslmode = ssl_mode::disable;
  EXPECT_FALSE(encrypted(options));
  options.sslmode = ssl_mode::prefer;
  EXPECT_TRUE(encrypted(options));
  options.sslmode = ssl_mode::require;
  EXPECT_TRUE(encrypted(options));
  options.sslrootcert = authority;
  options.sslmode = ssl_mode::verify_ca;
  EXPECT_TRUE(encrypted(options));
  options.sslmode = ssl_mode::verify_full;
  EXPECT_TRUE(encrypted(options));
}

TEST_F(tls, a_certificate_for_another_name_is_refused_by_verify_full_alone) {
  // Another name of the same address: the certificate does not hold it.
  options.servers.front().host = "127.0.0.2";
  options.sslrootcert = authority;
  options.sslmode = ssl_mode::verify_full;
  const auto failure = attempt(options);
  ASSERT_TRUE(failure);
  if (failure->text().find("cannot connect") != std::string::npos) {
    GTEST_SKIP() << "the server does not listen on 127.0.0.2";
  }
  EXPECT_EQ(failure->category, error_category::authentication) << failure->text();
  EXPECT_THAT(failure->text(), HasSubstr("not made out for 127.0.0.2"));
  options.sslmode = ssl_mode::verify_ca;
  EXPECT_FALSE(attempt(options));
}

TEST_F(tls, an_unknown_authority_is_refused) {
  options.sslrootcert = "system";
  options.sslmode = ssl_mode::verify_full;
  auto failure = attempt(options);
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->category, error_category::authentication) << failure->text();
  EXPECT_THAT(failure->text(), HasSubstr("not trusted"));
  options.sslrootcert = "/nonexistent/ca.crt";
  failure = attempt(options);
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->category, error_category::configuration) << failure->text();
  EXPECT_THAT(failure->text(), HasSubstr("/nonexistent/ca.crt"));
}

TEST_F(tls, a_root_certificate_that_does_not_exist_is_none_where_the_mode_does_not_insist) {
  options.sslrootcert = "/nonexistent/ca.crt";
  for (const auto mode : {ssl_mode::prefer, ssl_mode::require}) {
    options.sslmode = mode;
    EXPECT_TRUE(encrypted(options));
  }
}

TEST_F(tls, what_waits_inside_of_tls_is_seen_without_waiting) {
  options.sslmode = ssl_mode::require;
  run([this]() -> asio::awaitable<void> {
    const auto listener = co_await connected();
    const auto other = co_await connected();
    co_await script(*listener, "listen news");
    EXPECT_TRUE(listener->quiet());
    // More than one TLS record, which the stream reads ahead of what is asked for.
    co_await script(
        *other, "select pg_notify('news', i || repeat('x', 4000)) from generate_series(1, 20) i");
    EXPECT_EQ(co_await one_bigint(*other, "select 1::bigint from pg_sleep(0.1)"), 1);
    EXPECT_TRUE(listener->quiet());
    EXPECT_EQ(co_await one_bigint(*listener, "select 5::bigint"), 5);
    const auto end = "select pg_terminate_backend(" + std::to_string(listener->process_id()) +
                     ", 5000)::int::bigint";
    EXPECT_EQ(co_await one_bigint(*other, end), 1);
    EXPECT_FALSE(listener->quiet());
    EXPECT_FALSE(listener->usable());
  });
}

TEST_F(tls, cancel_goes_over_tls_too) {
  options.sslrootcert = authority;
  options.sslmode = ssl_mode::verify_full;
  run([this]() -> asio::awaitable<void> {
    const auto session = co_await connected();
    const auto done = co_await session->cancel(5s);
    EXPECT_TRUE(done) << (done ? "" : done.error().text());
  });
}

}  // namespace
}  // namespace ingestor::pg
