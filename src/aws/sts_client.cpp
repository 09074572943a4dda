#include "aws/sts_client.hpp"

#include "aws/pause.hpp"
#include "aws/proto/time_text.hpp"
#include "aws/service_client.hpp"
#include "aws/small_file.hpp"

#include <boost/asio/this_coro.hpp>

#include <chrono>
#include <utility>

namespace ingestor::aws {
namespace {

namespace asio = boost::asio;
using std::chrono::seconds;

/// STS takes 20,000 characters.
constexpr std::size_t token_bytes_max = std::size_t{32} * 1024;
constexpr std::string_view blanks = " \t\r\n";

std::string remedy_of(const std::string& code) {
  if (code == "AccessDenied") {
    return "; let the trust policy of the role name who asks, and his policy the role";
  }
  if (code == "ExpiredTokenException" || code == "ExpiredToken") {
    return "; see that what is asked with is renewed before it expires";
  }
  if (code == "InvalidIdentityToken") {
    return "; make the token's issuer an identity provider of the account";
  }
  if (code == "InvalidClientTokenId" || code == "SignatureDoesNotMatch") {
    return "; check the keys that the role is assumed with";
  }
  return {};
}

error refused(const std::string& what, unsigned status, const sts_refusal& why) {
  auto message = what + " was refused with HTTP " + std::to_string(status);
  if (!why.code.empty()) message += ' ' + why.code;
  if (!why.message.empty()) message += ": " + why.message;
  message += remedy_of(why.code);
  return {why.transient ? error_kind::unreachable : error_kind::refused, std::move(message)};
}

std::chrono::sys_seconds local_time() {
  return std::chrono::floor<seconds>(std::chrono::system_clock::now());
}

/// How far STS's clock is ahead of this one, as its answer has it.
seconds skew_of(const service_answer& answer) {
  const auto theirs = parse_http_date(answer.date);
  return theirs ? std::chrono::floor<seconds>(*theirs) - local_time() : seconds{0};
}

service_request request_of(const credentials_settings& settings, const endpoint& where,
                           const std::string& body, const std::optional<credentials>& signer,
                           seconds skew) {
  service_request out;
  out.method = "POST";
  out.target = "/";
  out.headers = signer ? sts_headers(where, body, *signer, settings.region, local_time() + skew)
                       : sts_headers(where);
  out.body = body;
  return out;
}

}  // namespace

asio::awaitable<result<std::string>> ask_sts(const credentials_settings& settings, limits within,
                                             std::string what, std::string body,
                                             std::optional<credentials> signer) {
  const auto where = sts_endpoint(settings);
  what += " at " + url_of(where);
  const auto executor = co_await asio::this_coro::executor;
  auto client =
      service_client::make(executor, where, settings.ca_bundle, within.sts, within.sts_proxies);
  if (!client) co_return error{client.error().kind, what + ": " + client.error().message};
  seconds skew{0};
  for (int attempt = 1;; ++attempt) {
    auto request = request_of(settings, where, body, signer, skew);
    auto answer = co_await (*client)->call(std::move(request));
    if (answer && answer->status == 200) co_return std::move(answer->body);
    error why{};
    if (!answer) {
      why = {answer.error().kind, what + " failed: " + answer.error().message};
    } else {
      const auto refusal = parse_sts_refusal(answer->status, std::move(answer->body));
      why = refused(what, answer->status, refusal);
      if (refusal.wrong_time && skew == seconds{0}) {
        skew = skew_of(*answer);
        if (skew != seconds{0}) continue;
      }
    }
    const bool final = why.kind != error_kind::unreachable || attempt >= within.sts.attempts_max;
    if (final) co_return why;
    const bool waited = co_await pause_after(attempt, within);
    if (!waited) co_return error{error_kind::cancelled, what + " was stopped"};
  }
}

asio::awaitable<result<expiring_credentials>> assume_role(const credentials_settings& settings,
                                                          limits within, role_step role,
                                                          credentials signer) {
  auto what = "AssumeRole of " + role.role_arn;
  auto body = assume_role_body(role);
  std::optional<credentials> by{std::move(signer)};
  auto answer = co_await ask_sts(settings, within, what, std::move(body), std::move(by));
  if (!answer) co_return answer.error();
  auto given = parse_assumed_role(std::move(*answer));
  if (!given)
    co_return error{error_kind::refused, what + ": the answer makes no sense: " + given.error()};
  co_return std::move(*given);
}

asio::awaitable<result<expiring_credentials>> assume_role_by_web_identity(
    const credentials_settings& settings, limits within, web_identity_source source) {
  auto what = "AssumeRoleWithWebIdentity of " + source.role_arn;
  auto file = read_small_file(source.token_file, token_bytes_max);
  if (!file.text) {
    co_return error{error_kind::refused,
                    "the web identity token " + source.token_file + ' ' + file.problem};
  }
  // A token has no blanks, but whoever writes it by hand ends it with a line's end.
  file.text->erase(file.text->find_last_not_of(blanks) + 1);
  if (file.text->empty()) {
    co_return error{error_kind::refused,
                    "the web identity token " + source.token_file + " is empty"};
  }
  // Alive until the answer has been read, which may echo it.
  const secret token{std::move(*file.text)};
  auto body = web_identity_body(source, token);
  std::optional<credentials> nobody;
  auto answer = co_await ask_sts(settings, within, what, std::move(body), std::move(nobody));
  if (!answer) co_return answer.error();
  auto given = parse_assumed_role(std::move(*answer));
  if (!given)
    co_return error{error_kind::refused, what + ": the answer makes no sense: " + given.error()};
  co_return std::move(*given);
}

}  // namespace ingestor::aws
