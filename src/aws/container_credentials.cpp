#include "aws/container_credentials.hpp"

#include "aws/pause.hpp"
#include "aws/proto/container_address.hpp"
#include "aws/proto/credentials_json.hpp"
#include "aws/service_client.hpp"
#include "aws/small_file.hpp"

#include <boost/asio/this_coro.hpp>

#include <utility>

namespace ingestor::aws {
namespace {

namespace asio = boost::asio;

constexpr std::size_t token_bytes_max = std::size_t{16} * 1024;

/// Empty where none is set.
result<secret> token_of(const credentials_settings& settings) {
  auto token = settings.container_token;
  auto where = std::string{"AWS_CONTAINER_AUTHORIZATION_TOKEN"};
  if (const auto& path = settings.container_token_file; !path.empty()) {
    auto file = read_small_file(path, token_bytes_max);
    where = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE " + path;
    if (!file.text) return error{error_kind::refused, where + ' ' + file.problem};
    token = secret{std::move(*file.text)};
  }
  if (token.reveal().find_first_of("\r\n") != std::string::npos) {
    return error{error_kind::refused, where + " has a line's end in it"};
  }
  return token;
}

service_request request_of(const container_address& at, const secret& token) {
  service_request out;
  out.method = "GET";
  out.target = at.target;
  out.headers = {{"host", authority(at.where)}, {"accept", "application/json"}};
  if (!token.empty()) out.headers.emplace_back("authorization", token.reveal());
  return out;
}

result<expiring_credentials> read_answer(const result<service_answer>& answer) {
  if (!answer) return answer.error();
  if (answer->status != 200) {
    const bool passing = answer->status >= 500 || answer->status == 429;
    return error{passing ? error_kind::unreachable : error_kind::refused,
                 "it answered with HTTP " + std::to_string(answer->status)};
  }
  auto given = parse_credentials_json(answer->body, json_dialect::agent);
  if (!given) return error{error_kind::refused, "its answer makes no sense: " + given.error()};
  return std::move(*given);
}

}  // namespace

asio::awaitable<result<expiring_credentials>> fetch_from_container(
    const credentials_settings& settings, limits within) {
  const auto at = address_container(settings);
  if (!at) co_return error{error_kind::configuration, at.error()};
  const auto what = "the container's agent at " + url_of(at->where);
  const auto executor = co_await asio::this_coro::executor;
  auto client = service_client::make(executor, at->where, settings.ca_bundle, within.container);
  if (!client) co_return error{client.error().kind, what + ": " + client.error().message};
  for (int attempt = 1;; ++attempt) {
    const auto token = token_of(settings);
    if (!token) co_return token.error();
    auto request = request_of(*at, *token);
    const auto answer = co_await (*client)->call(std::move(request));
    auto given = read_answer(answer);
    if (given) co_return std::move(*given);
    const auto& why = given.error();
    if (why.kind != error_kind::unreachable || attempt >= within.container.attempts_max) {
      co_return error{why.kind, what + ": " + why.message};
    }
    const bool waited = co_await pause_after(attempt, within);
    if (!waited) co_return error{error_kind::cancelled, what + ": stopped"};
  }
}

}  // namespace ingestor::aws
