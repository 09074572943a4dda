// The real server that the tests run against, and how to run a coroutine in a test.
#pragma once

#include "pg/connection.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <exception>
#include <memory>
#include <string>
#include <utility>

namespace ingestor::pg {

namespace asio = boost::asio;
using namespace std::chrono_literals;

inline constexpr auto test_timeout = 120s;

inline std::string environment(const char* name) {
  const char* const value = std::getenv(name);
  return value ? value : "";
}

/// Each test needs INGESTOR_TEST_DATABASE_URL: a database that the tests may fill and empty, and a
/// user who may create tables and end sessions.
class database_test : public testing::Test {
 protected:
  void SetUp() override {
    const auto url = environment("INGESTOR_TEST_DATABASE_URL");
    if (url.empty())
      GTEST_SKIP() << "INGESTOR_TEST_DATABASE_URL is not set: no server to test with";
    auto parsed = parse_connection_uri(url);
    ASSERT_TRUE(parsed) << parsed.error().front();
    options = std::move(*parsed);
  }

  /// The script is a coroutine; it may be a lambda with captures, for it lives until its end.
  template <class Script>
  void run(Script script) {
    std::exception_ptr failure;
    bool ended = false;
    auto work = script();
    auto on_end = [&](std::exception_ptr thrown) {
      failure = std::move(thrown);
      ended = true;
    };
    asio::co_spawn(io, std::move(work), std::move(on_end));
    io.run_for(test_timeout);
    EXPECT_TRUE(ended) << "the test still waits";
    if (failure) std::rethrow_exception(failure);
  }

  asio::awaitable<std::unique_ptr<connection>> connected() {
    auto with = options;
    auto made = co_await connect(std::move(with), 10s, keys);
    EXPECT_TRUE(made) << (made ? "" : made.error().text());
    co_return made ? std::move(*made) : nullptr;
  }

  asio::awaitable<void> script(connection& on, std::string_view sql) {
    const auto done = co_await on.run_script("preparation", sql, 30s);
    EXPECT_TRUE(done) << (done ? "" : done.error().text());
  }

  asio::awaitable<std::int64_t> one_bigint(connection& on, std::string_view sql) {
    const statement ask{"question", sql, {}, {wire::oid::int8}};
    const auto rows = co_await on.query(ask, 30s);
    EXPECT_TRUE(rows) << (rows ? "" : rows.error().text());
    co_return rows && !rows->empty() ? rows->get<std::int64_t>(0, 0) : -1;
  }

  asio::io_context io;
  key_deriver keys;
  connection_options options;
};

}  // namespace ingestor::pg
