// The ledger's claim and nothing else, for claim_ratio.py:
//
//   claim-cost CLAIMS FILES return|complete
//
// So many claims of up to FILES files in DATABASE_URL, and by turns with it in OTHER_DATABASE_URL
// if that is set. Prints a line for each claim: its microseconds, in the one and in the other. What
// was claimed is given back, to the place where it was, or completed, before the next claim. A
// claim that finds nothing ends the run with status 1.
#include "ledger/claim.hpp"
#include "ledger/outcome.hpp"
#include "program.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

namespace ingestor::ledger {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

constexpr auto timeout = 120s;
/// As the pipeline's; see ingest/bounds.hpp.
constexpr std::int64_t small_file_bytes_max = std::int64_t{256} * 1024;
constexpr std::int64_t group_bytes_max = std::int64_t{8} * 1024 * 1024;

struct order {
  std::int64_t claims = 0;
  std::int64_t files = 0;
  bool completes = false;
};

asio::awaitable<std::unique_ptr<pg::connection>> connect_to(std::string url) {
  auto options = pg::parse_connection_uri(url);
  if (!options) throw std::runtime_error{options.error().front()};
  auto made = co_await pg::connect(std::move(*options), timeout);
  co_return taken(std::move(made));
}

asio::awaitable<void> end_claims(pg::connection& db, const std::vector<claimed_file>& files,
                                 bool completes) {
  if (completes) {
    std::vector<completed_file> done;
    for (const auto& file : files) {
      done.emplace_back().held = file.held;
      done.back().rows = 1;
      done.back().compression = "gzip";
    }
    const auto statement = complete_statement(done, "bench");
    const auto completed = co_await db.query(statement, timeout);
    if (!completed) throw std::runtime_error{completed.error().text()};
  } else {
    std::vector<claim> held;
    held.reserve(files.size());
    for (const auto& file : files) held.push_back(file.held);
    const auto returned = co_await give_back(db, held, place::kept);
    if (!returned) throw std::runtime_error{returned.error().text()};
  }
}

asio::awaitable<void> work(order wanted, std::vector<std::string> urls) {
  std::vector<std::unique_ptr<pg::connection>> databases;
  for (auto& url : urls) {
    auto db = co_await connect_to(std::move(url));
    databases.push_back(std::move(db));
  }
  const scope where{"bench", ""};
  claim_terms terms{};
  terms.replica = "bench";
  terms.session = static_cast<std::int64_t>(std::random_device{}());
  terms.lease = 60s;
  terms.files_max = wanted.files;
  terms.small_file_bytes_max = small_file_bytes_max;
  terms.group_bytes_max = group_bytes_max;
  std::vector<queue_cursor> cursors(databases.size());
  for (std::int64_t n = 0; n < wanted.claims; ++n) {
    for (std::size_t i = 0; i < databases.size(); ++i) {
      const auto& db = databases[i];
      const auto start = std::chrono::steady_clock::now();
      const auto from = cursors[i].next(start);
      auto claimed = co_await take(*db, where, terms, from);
      const std::chrono::duration<double, std::micro> took =
          std::chrono::steady_clock::now() - start;
      const auto files = taken(std::move(claimed));
      if (files.empty()) throw std::runtime_error{"nothing to claim"};
      const auto first = std::ranges::min_element(files, {}, &claimed_file::place);
      cursors[i].claimed(from, first->place, start);
      std::cout << took.count() << ' ';
      co_await end_claims(*db, files, wanted.completes);
    }
    std::cout << '\n';
  }
  for (const auto& db : databases) co_await db->close();
}

std::vector<std::string> urls() {
  std::vector<std::string> found;
  for (const char* const name : {"DATABASE_URL", "OTHER_DATABASE_URL"}) {
    if (const char* const url = std::getenv(name)) found.emplace_back(url);
  }
  return found;
}

int run(order wanted) {
  return run_program("claim-cost", work(wanted, urls()));
}

}  // namespace
}  // namespace ingestor::ledger

int main(int count, char** arguments) {
  const std::string ending = count == 4 ? arguments[3] : "";
  if (ending != "return" && ending != "complete") {
    std::cerr << "usage: claim-cost CLAIMS FILES return|complete\n";
    return 2;
  }
  try {
    return ingestor::ledger::run(
        {std::stoll(arguments[1]), std::stoll(arguments[2]), ending == "complete"});
  } catch (const std::exception& why) {
    std::cerr << "claim-cost: " << why.what() << '\n';
    return 1;
  }
}
