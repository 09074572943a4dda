// The S3 client at work, and nothing else, for s3_ratio.py:
//
//   s3-get one BYTES KEY                     one object of so many bytes
//   s3-get many BYTES KEY COUNT CONNECTIONS  KEY0 … KEY(COUNT-1), each of so many bytes
//
// AWS_ENDPOINT, AWS_S3_BUCKET, AWS_REGION and the keys say where and who. What it reads it
// discards; what does not come out as it must ends the run with status 1.
#include "program.hpp"
#include "s3/client.hpp"

#include <boost/asio/io_context.hpp>

#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace ingestor {
namespace {

namespace asio = boost::asio;

struct job {
  s3::client_options options;
  std::unique_ptr<s3::client> client;
  std::string key;
  std::uint64_t bytes = 0;  // of each object
  std::uint64_t next = 0;
  std::uint64_t count = 0;
};

asio::awaitable<void> get(s3::client& from, std::string key, std::uint64_t bytes) {
  const std::string any_version;
  auto object = co_await from.get_object(key, any_version);
  if (!object) throw std::runtime_error{object.error().text()};
  std::uint64_t got = 0;
  for (;;) {
    const auto piece = co_await object->read();
    if (!piece) throw std::runtime_error{piece.error().text()};
    if (piece->empty()) break;
    got += piece->size();
  }
  if (got != bytes) throw std::runtime_error{key + " has another length"};
}

asio::awaitable<void> work(job& what) {
  while (what.next < what.count) {
    const auto number = what.next++;
    auto key = what.count == 1 ? what.key : what.key + std::to_string(number);
    co_await get(*what.client, std::move(key), what.bytes);
  }
}

std::string variable(const char* name) {
  const char* const value = std::getenv(name);
  if (value == nullptr) throw std::runtime_error{std::string{name} + " is not set"};
  return value;
}

job job_of(const std::vector<std::string>& arguments) {
  job out;
  out.options.endpoint = variable("AWS_ENDPOINT");
  out.options.bucket = variable("AWS_S3_BUCKET");
  out.options.region = variable("AWS_REGION");
  aws::credentials keys{};
  keys.access_key_id = variable("AWS_ACCESS_KEY_ID");
  keys.secret_access_key = secret{variable("AWS_SECRET_ACCESS_KEY")};
  out.options.creds = aws::fixed_credentials(std::move(keys), "the environment");
  out.bytes = std::stoull(arguments.at(1));
  out.key = arguments.at(2);
  out.count = arguments.at(0) == "one" ? 1 : std::stoull(arguments.at(3));
  return out;
}

int run(const std::vector<std::string>& arguments) {
  asio::io_context loop{1};
  auto what = job_of(arguments);
  what.client = std::make_unique<s3::client>(loop.get_executor(), what.options);
  const int connections = arguments.size() > 4 ? std::stoi(arguments[4]) : 1;
  return run_programs("s3-get", loop, connections, [&] { return work(what); });
}

}  // namespace
}  // namespace ingestor

int main(int count, char** arguments) {
  const std::vector<std::string> given(arguments + 1, arguments + count);
  if (given.size() < 3) {
    std::cerr << "usage: s3-get one BYTES KEY | many BYTES KEY COUNT CONNECTIONS\n";
    return 2;
  }
  try {
    return ingestor::run(given);
  } catch (const std::exception& why) {
    std::cerr << "s3-get: " << why.what() << '\n';
    return 1;
  }
}
