#include "aws/provider_chain.hpp"

#include "aws/container_credentials.hpp"
#include "aws/credential_process.hpp"
#include "aws/instance_metadata.hpp"
#include "aws/proto/credential_plan.hpp"
#include "aws/small_file.hpp"
#include "aws/sts_client.hpp"

#include <utility>
#include <variant>

namespace ingestor::aws {
namespace {

namespace asio = boost::asio;
using first_result = result<expiring_credentials>;

profile_file read_profile_file(const std::string& path) {
  auto file = read_small_file(path, ini_limits{}.bytes_max);
  return {path, std::move(file.text), std::move(file.problem)};
}

/// One error for all the places, in their order.
error none_found(error_kind kind, const credential_plan& plan, const std::string& last) {
  std::string message = "no credentials were found (";
  for (const auto& place : plan.passed_over) message.append(place).append("; ");
  if (last.empty()) {
    message.resize(message.size() - 2);
  } else {
    message += last;
  }
  return {kind, std::move(message) + ")"};
}

/// Asks the place that a plan begins with.
struct asking {
  const credentials_settings& settings;
  const limits& within;

  asio::awaitable<first_result> operator()(const no_source&) const {
    co_return error{error_kind::none_found, {}};
  }
  asio::awaitable<first_result> operator()(const keys_source& source) const {
    co_return expiring_credentials{source.keys, std::nullopt};
  }
  asio::awaitable<first_result> operator()(const web_identity_source& source) const {
    return assume_role_by_web_identity(settings, within, source);
  }
  asio::awaitable<first_result> operator()(const process_source& source) const {
    return run_credential_process(within, source);
  }
  asio::awaitable<first_result> operator()(const container_source&) const {
    return fetch_from_container(settings, within);
  }
  asio::awaitable<first_result> operator()(const metadata_source&) const {
    return fetch_from_metadata(settings, within);
  }
};

class chain final : public provider {
 public:
  chain(credentials_settings settings, limits within)
      : settings_{std::move(settings)}, within_{within} {}

  asio::awaitable<result<fetched_credentials>> fetch() override;

 private:
  credentials_settings settings_;
  limits within_;
};

asio::awaitable<result<fetched_credentials>> chain::fetch() {
  const auto credentials_file = read_profile_file(settings_.credentials_file);
  const auto config_file = read_profile_file(settings_.config_file);
  const auto plan = plan_credentials(settings_, credentials_file, config_file);
  if (!plan) co_return error{error_kind::configuration, plan.error()};

  const asking ask{settings_, within_};
  auto given = co_await std::visit(ask, plan->first);
  const bool last_place =
      plan->roles.empty() && (std::holds_alternative<no_source>(plan->first) ||
                              std::holds_alternative<metadata_source>(plan->first));
  if (!given && last_place && given.error().kind != error_kind::cancelled) {
    co_return none_found(given.error().kind, *plan, given.error().message);
  }
  for (const auto& role : plan->roles) {
    if (!given) break;
    auto signer = std::move(given->keys);
    given = co_await assume_role(settings_, within_, role, std::move(signer));
  }
  if (!given) co_return given.error();
  const auto* const keys = std::get_if<keys_source>(&plan->first);
  fetched_credentials out{};
  out.given = std::move(*given);
  out.origin = plan->origin;
  out.fixed = keys != nullptr && keys->fixed && plan->roles.empty();
  co_return out;
}

}  // namespace

std::shared_ptr<provider> provider_chain(credentials_settings settings, limits within) {
  return std::make_shared<chain>(std::move(settings), within);
}

}  // namespace ingestor::aws
