#include "aws/instance_metadata.hpp"

#include "aws/proto/credentials_json.hpp"
#include "aws/service_client.hpp"
#include "base/secret.hpp"

#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <chrono>
#include <string_view>
#include <utility>

namespace ingestor::aws {
namespace {

namespace asio = boost::asio;

constexpr std::string_view token_target = "/latest/api/token";
constexpr std::string_view role_target = "/latest/meta-data/iam/security-credentials/";
/// Six hours: the longest there is.
constexpr std::string_view token_seconds = "21600";
constexpr std::chrono::minutes extension{10};

endpoint metadata_endpoint(const credentials_settings& settings) {
  if (settings.metadata_endpoint) return *settings.metadata_endpoint;
  return {false, settings.metadata_ipv6 ? "fd00:ec2::254" : "169.254.169.254", 80};
}

bool is_visible(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

/// The three requests of one fetch, over one connection.
class metadata_session {
 public:
  metadata_session(service_client& client, const endpoint& where, int attempts_max)
      : client_{client}, host_{authority(where)}, attempts_max_{attempts_max} {}

  asio::awaitable<result<expiring_credentials>> fetch();

 private:
  asio::awaitable<result<std::string>> ask(service_request request);
  asio::awaitable<result<secret>> fetch_token();
  asio::awaitable<result<std::string>> fetch_role(const secret& token);

  service_request request_of(std::string method, std::string target) const;

  service_client& client_;
  std::string host_;
  int attempts_max_;
  unsigned last_status_ = 0;  // of the last answer; 0: none
};

service_request metadata_session::request_of(std::string method, std::string target) const {
  service_request out;
  out.method = std::move(method);
  out.target = std::move(target);
  out.headers.emplace_back("host", host_);
  return out;
}

/// The body of a 200; what may pass is asked for again.
asio::awaitable<result<std::string>> metadata_session::ask(service_request request) {
  for (int attempt = 1;; ++attempt) {
    last_status_ = 0;
    auto answer = co_await client_.call(request);
    if (answer && answer->status == 200) co_return std::move(answer->body);
    error why{};
    if (!answer) {
      why = answer.error();
    } else {
      last_status_ = answer->status;
      const bool passing = answer->status >= 500 || answer->status == 429;
      why = {passing ? error_kind::unreachable : error_kind::refused,
             "it answered with HTTP " + std::to_string(answer->status)};
    }
    if (why.kind != error_kind::unreachable || attempt >= attempts_max_) co_return why;
  }
}

asio::awaitable<result<secret>> metadata_session::fetch_token() {
  auto request = request_of("PUT", std::string{token_target});
  request.headers.emplace_back("x-aws-ec2-metadata-token-ttl-seconds", token_seconds);
  request.headers.emplace_back("content-length", "0");
  auto token = co_await ask(std::move(request));
  if (token && !is_visible(*token)) {
    co_return error{error_kind::refused, "its token makes no sense"};
  }
  if (token) co_return secret{std::move(*token)};
  auto why = token.error();
  if (last_status_ == 403) {
    why.message += "; turn the metadata service of the instance on";
  } else if (last_status_ == 0 && why.kind == error_kind::unreachable && client_.connected()) {
    // The answer with the token travels so many hops and no further; others do.
    why.message += "; in a container, raise the instance's metadata hop limit to 2";
  }
  co_return why;
}

asio::awaitable<result<std::string>> metadata_session::fetch_role(const secret& token) {
  auto request = request_of("GET", std::string{role_target});
  request.headers.emplace_back("x-aws-ec2-metadata-token", token.reveal());
  auto roles = co_await ask(std::move(request));
  if (!roles) {
    auto why = roles.error();
    if (last_status_ == 404) why.message += "; attach a role to the instance";
    co_return why;
  }
  auto role = roles->substr(0, roles->find_first_of("\r\n"));
  if (!is_visible(role)) co_return error{error_kind::refused, "it names no role"};
  co_return role;
}

asio::awaitable<result<expiring_credentials>> metadata_session::fetch() {
  const auto token = co_await fetch_token();
  if (!token) co_return token.error();
  const auto role = co_await fetch_role(*token);
  if (!role) co_return role.error();
  auto request = request_of("GET", std::string{role_target} + *role);
  request.headers.emplace_back("x-aws-ec2-metadata-token", token->reveal());
  const auto answer = co_await ask(std::move(request));
  if (!answer) co_return answer.error();
  auto given = parse_credentials_json(*answer, json_dialect::agent);
  if (!given) co_return error{error_kind::refused, "its answer makes no sense: " + given.error()};
  co_return std::move(*given);
}

}  // namespace

asio::awaitable<result<expiring_credentials>> fetch_from_metadata(
    const credentials_settings& settings, limits within) {
  const auto where = metadata_endpoint(settings);
  const auto what = "instance metadata at " + url_of(where) + ": ";
  const auto executor = co_await asio::this_coro::executor;
  auto client = service_client::make(executor, where, settings.ca_bundle, within.metadata);
  if (!client) co_return error{client.error().kind, what + client.error().message};
  metadata_session session{**client, where, within.metadata.attempts_max};
  auto given = co_await session.fetch();
  if (!given) co_return error{given.error().kind, what + given.error().message};
  const auto soon =
      std::chrono::floor<timestamp::duration>(std::chrono::system_clock::now()) + extension;
  if (given->expires) given->expires = std::max(*given->expires, soon);
  co_return given;
}

}  // namespace ingestor::aws
