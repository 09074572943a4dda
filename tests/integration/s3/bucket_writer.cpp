#include "bucket_writer.hpp"

#include <chrono>
#include <utility>

namespace ingestor::testing_support {
namespace {

namespace asio = boost::asio;

constexpr std::size_t words_bytes_max = std::size_t{64} * 1024;

http::client_options plain_http(const aws::endpoint& where) {
  http::client_options out;
  out.pool.where = {where.tls, where.host, where.port};
  return out;
}

}  // namespace

bucket_writer::bucket_writer(asio::any_io_executor executor, s3::proto::address where,
                             std::string region, aws::credentials creds)
    : where_{std::move(where)},
      region_{std::move(region)},
      creds_{std::move(creds)},
      http_{std::move(executor), plain_http(where_.where)} {}

asio::awaitable<write_outcome> bucket_writer::create_bucket() {
  aws::unsigned_request request;
  request.path = where_.path_prefix;
  co_return co_await send(std::move(request), {});
}

asio::awaitable<write_outcome> bucket_writer::put(std::string key, std::string_view body) {
  aws::unsigned_request request;
  request.path = where_.path_prefix + '/' + key;
  co_return co_await send(std::move(request), body);
}

asio::awaitable<write_outcome> bucket_writer::send(aws::unsigned_request request,
                                                   std::string_view body) {
  request.method = "PUT";
  request.headers.emplace_back("host", authority(where_.where));
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  const aws::signing_scope scope{region_, "s3", now};
  aws::sign_for_s3(request, aws::sha256_hex(body), creds_, scope);
  http::client_request out;
  out.target = aws::target_of(request);
  out.method = std::move(request.method);
  out.headers = std::move(request.headers);
  if (body.empty()) out.headers.emplace_back("content-length", "0");
  out.body = body;
  auto response = co_await http_.send(std::move(out));
  if (!response) co_return write_outcome{0, response.error().message};
  const auto words = co_await http::read_all(*response, words_bytes_max);
  co_return write_outcome{response->status(), words ? *words : words.error().message};
}

}  // namespace ingestor::testing_support
