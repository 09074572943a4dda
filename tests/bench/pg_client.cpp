// The PostgreSQL client at work, and nothing else, for client_ratio.py:
//
//   pg-client copy FILE        sends FILE, a whole binary COPY stream, into bench_copied
//   pg-client select N         N queries for one row each, one after the other
//   pg-client pipeline N       the same, statements_per_pipeline with each Sync
//
// DATABASE_URL says where to. What does not come out as it must ends the run with status 1.
#include "pg/connection.hpp"
#include "pg/copy_writer.hpp"
#include "program.hpp"

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

namespace ingestor::pg {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

constexpr auto timeout = 120s;
constexpr std::size_t part_bytes = 1024U * 1024;
constexpr std::int64_t statements_per_pipeline = 100;
constexpr std::int64_t rows_in_table = 10'000;

void check(const result<void>& outcome) {
  if (!outcome) throw std::runtime_error{outcome.error().text()};
}

asio::awaitable<void> copy(connection& db, std::string file) {
  std::ifstream input{file, std::ios::binary};
  auto begun = co_await copy_writer::begin(db, "copy",
                                           "copy bench_copied from stdin (format binary)", timeout);
  auto writer = taken(std::move(begun));
  std::vector<char> part(part_bytes);
  while (input.read(part.data(), static_cast<std::streamsize>(part.size())) || input.gcount() > 0) {
    const std::string_view text{part.data(), static_cast<std::size_t>(input.gcount())};
    const auto bytes = as_bytes(text);
    check(co_await writer.write(bytes, timeout));
  }
  const auto rows = co_await writer.finish(timeout);
  std::cout << taken(rows) << '\n';
}

statement lookup(std::int64_t n) {
  return {"look up", "select v from bench_row where n = $1", {wire::int8(n)}, {wire::oid::int8}};
}

void expect(const row_set& rows, std::int64_t n) {
  if (rows.size() != 1 || rows.get<std::int64_t>(0, 0) != n * 2) {
    throw std::runtime_error{"a wrong row"};
  }
}

asio::awaitable<void> select(connection& db, std::int64_t times) {
  for (std::int64_t i = 0; i < times; ++i) {
    const auto n = i % rows_in_table;
    const auto one = lookup(n);
    const auto rows = co_await db.query(one, timeout);
    expect(taken(rows), n);
  }
}

asio::awaitable<void> pipeline(connection& db, std::int64_t times) {
  std::vector<statement> statements;
  for (std::int64_t i = 0; i < times; i += statements_per_pipeline) {
    statements.clear();
    for (std::int64_t k = 0; k < statements_per_pipeline; ++k) {
      statements.push_back(lookup((i + k) % rows_in_table));
    }
    const auto rows = co_await db.pipeline(statements, timeout);
    const auto all = taken(rows);
    for (std::size_t k = 0; k < all.size(); ++k) {
      expect(all[k], (i + static_cast<std::int64_t>(k)) % rows_in_table);
    }
  }
}

asio::awaitable<void> work(std::string what, std::string argument) {
  const char* const url = std::getenv("DATABASE_URL");
  auto options = parse_connection_uri(url != nullptr ? url : "");
  if (!options) throw std::runtime_error{options.error().front()};
  auto made = co_await connect(std::move(*options), timeout);
  const auto db = taken(std::move(made));
  if (what == "copy") {
    co_await copy(*db, argument);
  } else if (what == "select") {
    co_await select(*db, std::stoll(argument));
  } else if (what == "pipeline") {
    co_await pipeline(*db, std::stoll(argument));
  } else {
    throw std::runtime_error{"copy FILE, select N or pipeline N"};
  }
  co_await db->close();
}

int run(const std::string& what, const std::string& argument) {
  return run_program("pg-client", work(what, argument));
}

}  // namespace
}  // namespace ingestor::pg

int main(int count, char** arguments) {
  if (count != 3) {
    std::cerr << "usage: pg-client copy FILE | select N | pipeline N\n";
    return 2;
  }
  try {
    return ingestor::pg::run(arguments[1], arguments[2]);
  } catch (const std::exception& why) {
    std::cerr << "pg-client: " << why.what() << '\n';
    return 1;
  }
}
