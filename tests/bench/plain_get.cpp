// A plain Beast loop that gets and discards, to be timed beside s3-get by s3_ratio.py:
//
//   plain-get one BYTES PATH                    one object of so many bytes
//   plain-get many BYTES PATH COUNT CONNECTIONS  PATH0 … PATH(COUNT-1), each of so many bytes
//
// AWS_ENDPOINT says where, http alone. Nothing is signed, nothing has a deadline, nothing is tried
// again; what is not HTTP 200 or has another length ends the run with status 1.
#include "program.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>

#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

namespace ingestor {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;

constexpr std::size_t piece_bytes = 128U * 1024;

struct job {
  std::string host;
  std::string port;
  std::string path;
  std::uint64_t bytes = 0;  // of each object
  std::uint64_t next = 0;
  std::uint64_t count = 0;
};

asio::awaitable<void> get(beast::tcp_stream& stream, beast::flat_buffer& buffer,
                          std::vector<char>& piece, const job& what, std::string target) {
  beast::http::request<beast::http::empty_body> request{beast::http::verb::get, target, 11};
  request.set(beast::http::field::host, what.host + ':' + what.port);
  co_await beast::http::async_write(stream, request, asio::use_awaitable);
  beast::http::response_parser<beast::http::buffer_body> parser;
  parser.body_limit(boost::none);
  co_await beast::http::async_read_header(stream, buffer, parser, asio::use_awaitable);
  if (parser.get().result_int() != 200) throw std::runtime_error{target + " is no answer of 200"};
  std::uint64_t got = 0;
  while (!parser.is_done()) {
    auto& body = parser.get().body();
    body.data = piece.data();
    body.size = piece.size();
    beast::error_code failed;
    co_await beast::http::async_read(stream, buffer, parser,
                                     asio::redirect_error(asio::use_awaitable, failed));
    if (failed && failed != beast::http::error::need_buffer) throw beast::system_error{failed};
    got += piece.size() - body.size;
  }
  if (got != what.bytes) throw std::runtime_error{target + " has another length"};
}

asio::awaitable<void> work(job& what) {
  const auto executor = co_await asio::this_coro::executor;
  tcp::resolver resolver{executor};
  const auto found = co_await resolver.async_resolve(what.host, what.port, asio::use_awaitable);
  beast::tcp_stream stream{executor};
  co_await stream.async_connect(found, asio::use_awaitable);
  stream.socket().set_option(tcp::no_delay{true});
  beast::flat_buffer buffer;
  buffer.reserve(piece_bytes);  // Beast reads no more than there is room for, at first 512 bytes
  std::vector<char> piece(piece_bytes);
  while (what.next < what.count) {
    const auto number = what.next++;
    auto target = what.count == 1 ? what.path : what.path + std::to_string(number);
    co_await get(stream, buffer, piece, what, std::move(target));
  }
}

int run(job what, int connections) {
  asio::io_context loop{1};
  return run_programs("plain-get", loop, connections, [&] { return work(what); });
}

job job_of(const std::string& endpoint, const std::vector<std::string>& arguments) {
  const auto colon = endpoint.rfind(':');
  const auto host = endpoint.find("://") + 3;
  job out;
  out.host = endpoint.substr(host, colon - host);
  out.port = endpoint.substr(colon + 1);
  out.bytes = std::stoull(arguments.at(1));
  out.path = arguments.at(2);
  out.count = arguments.at(0) == "one" ? 1 : std::stoull(arguments.at(3));
  return out;
}

}  // namespace
}  // namespace ingestor

int main(int count, char** arguments) {
  const std::vector<std::string> given(arguments + 1, arguments + count);
  const char* const endpoint = std::getenv("AWS_ENDPOINT");
  if (endpoint == nullptr || given.size() < 3) {
    std::cerr << "usage: AWS_ENDPOINT=… plain-get one BYTES PATH | many BYTES PATH COUNT "
                 "CONNECTIONS\n";
    return 2;
  }
  try {
    const int connections = given.size() > 4 ? std::stoi(given[4]) : 1;
    return ingestor::run(ingestor::job_of(endpoint, given), connections);
  } catch (const std::exception& why) {
    std::cerr << "plain-get: " << why.what() << '\n';
    return 1;
  }
}
