#include "aws/caller_identity.hpp"

#include "aws/sts_client.hpp"

#include <optional>
#include <string>
#include <utility>

namespace ingestor::aws {

boost::asio::awaitable<result<caller_identity>> get_caller_identity(
    const credentials_settings& settings, credentials creds, limits within) {
  const std::string what = "GetCallerIdentity";
  auto body = caller_identity_body();
  std::optional<credentials> signer{std::move(creds)};
  auto answer = co_await ask_sts(settings, within, what, std::move(body), std::move(signer));
  if (!answer) co_return answer.error();
  auto identity = parse_caller_identity(std::move(*answer));
  if (!identity) co_return error{error_kind::refused, what + ": the answer makes no sense"};
  co_return std::move(*identity);
}

}  // namespace ingestor::aws
