// Tries the connection URIs that stand on stdin, one a line, and says for each on a line of stdout
// what came of it: "in tls" or "in plain", or "out CATEGORY TEXT"; for tests that compare this with
// what libpq makes of the same URIs, see support/verdicts.py.
#include "pg/connection.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <iostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ingestor::pg {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

constexpr std::size_t at_once = 8;
constexpr std::size_t uris_max = 100'000;
/// For each; there is no server here that needs as long.
constexpr auto login_timeout = 20s;
constexpr auto question_timeout = 5s;

std::string out(std::string_view category, std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return "out " + std::string{category} + " " + text;
}

std::string out(const error& why) {
  return out(name_of(why.category), why.text());
}

asio::awaitable<std::string> asked(connection& on) {
  const statement ask{
      "tls", "select ssl from pg_stat_ssl where pid = pg_backend_pid()", {}, {wire::oid::boolean}};
  const auto rows = co_await on.query(ask, question_timeout);
  if (!rows) co_return out(rows.error());
  co_return rows->get<bool>(0, 0) ? "in tls" : "in plain";
}

asio::awaitable<std::string> verdict_on(std::string_view uri, key_deriver& keys) {
  auto options = parse_connection_uri(uri);
  if (!options) {
    std::string all;
    for (const auto& mistake : options.error()) all += (all.empty() ? "" : "; ") + mistake;
    co_return out("uri", all);
  }
  const auto session = co_await connect(std::move(*options), login_timeout, keys);
  if (!session) co_return out(session.error());
  auto verdict = co_await asked(**session);
  co_await (*session)->close();
  co_return verdict;
}

struct trial {
  std::string uri;
  std::string verdict;
};

/// Takes the next one until there is none.
asio::awaitable<void> work(std::vector<trial>& trials, std::size_t& next, key_deriver& keys) {
  while (next < trials.size()) {
    auto& mine = trials[next++];
    mine.verdict = co_await verdict_on(mine.uri, keys);
  }
}

int run() {
  std::vector<trial> trials;
  for (std::string line; std::getline(std::cin, line);) {
    if (trials.size() == uris_max) {
      std::fputs("login-verdicts: too many lines\n", stderr);
      return 2;
    }
    trials.push_back({std::move(line), {}});
  }
  asio::io_context io;
  key_deriver keys;
  std::size_t next = 0;
  const auto on_end = [](const std::exception_ptr& thrown) {
    if (thrown) std::rethrow_exception(thrown);
  };
  for (std::size_t i = 0; i < at_once; ++i) asio::co_spawn(io, work(trials, next, keys), on_end);
  io.run();
  for (const auto& each : trials) std::puts(each.verdict.c_str());
  return 0;
}

}  // namespace
}  // namespace ingestor::pg

int main() {
  try {
    return ingestor::pg::run();
  } catch (const std::exception& bug) {
    std::fprintf(stderr, "login-verdicts: %s\n", bug.what());
    return 1;
  }
}
