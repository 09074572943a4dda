#include "aws/proto/container_address.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace ingestor::aws {
namespace {

constexpr std::string_view ecs_agent = "169.254.170.2";
constexpr std::array<std::string_view, 5> trusted_hosts{ecs_agent, "169.254.170.23", "fd00:ec2::23",
                                                        "::1", "localhost"};

bool is_trusted(std::string_view host) {
  const bool loopback =
      host.starts_with("127.") && host.find_first_not_of("0123456789.") == std::string_view::npos;
  return loopback || std::ranges::find(trusted_hosts, host) != trusted_hosts.end();
}

bool is_target(std::string_view text) {
  return text.starts_with('/') &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

ingestor::result<container_address, std::string> address_full(std::string_view uri) {
  const auto scheme = uri.find("://");
  const auto authority = scheme == std::string_view::npos ? 0 : scheme + 3;
  const auto path = std::min(uri.find_first_of("/?#", authority), uri.size());
  auto where = parse_endpoint(uri.substr(0, path));
  if (!where) return "AWS_CONTAINER_CREDENTIALS_FULL_URI is not usable: " + where.error();
  auto target = std::string{uri.substr(path)};
  if (!target.starts_with('/')) target.insert(0, "/");
  if (!is_target(target)) {
    return std::string{"AWS_CONTAINER_CREDENTIALS_FULL_URI has blanks or characters beyond ASCII"};
  }
  if (!where->tls && !is_trusted(where->host)) {
    return "AWS_CONTAINER_CREDENTIALS_FULL_URI names " + where->host +
           " without TLS; use https://, or a loopback address, 169.254.170.2, 169.254.170.23 or "
           "[fd00:ec2::23]";
  }
  return container_address{std::move(*where), std::move(target)};
}

}  // namespace

ingestor::result<container_address, std::string> address_container(
    const credentials_settings& settings) {
  const auto& relative = settings.container_relative_uri;
  if (relative.empty()) return address_full(settings.container_full_uri);
  if (!is_target(relative)) {
    return std::string{
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI does not begin with a slash, or has blanks"};
  }
  return container_address{{false, std::string{ecs_agent}, 80}, relative};
}

}  // namespace ingestor::aws
