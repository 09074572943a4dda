#include "pg/fsm/attempt.hpp"

#include <algorithm>

namespace ingestor::pg::fsm {
namespace {

using duration = std::chrono::steady_clock::duration;

}  // namespace

std::vector<attempt> attempts(const connection_options& options) {
  std::vector<attempt> all;
  all.reserve(options.servers.size() * 2);
  const bool twice = options.target == session_attributes::prefer_standby;
  const auto first = twice ? session_attributes::standby : options.target;
  for (const auto& server : options.servers) all.push_back({server, first});
  if (!twice) return all;
  for (const auto& server : options.servers) all.push_back({server, session_attributes::any});
  return all;
}

duration limit_of_all(duration least, std::size_t attempts, std::chrono::seconds connect_timeout) {
  return std::max<duration>(least, connect_timeout * static_cast<duration::rep>(attempts));
}

duration share(duration left, std::size_t remaining) {
  return left / static_cast<duration::rep>(std::max<std::size_t>(remaining, 1));
}

duration share_of_address(duration left, std::size_t remaining,
                          std::chrono::seconds connect_timeout) {
  const auto part = share(left, remaining);
  return connect_timeout.count() == 0 ? part : std::min<duration>(part, connect_timeout);
}

bool try_next(const error& failure) {
  switch (failure.category) {
    case error_category::connection:
    case error_category::shutdown:
    case error_category::timeout:
      return true;
    default:
      return false;
  }
}

error combined(const server_address& server, const std::vector<error>& failures) {
  auto last = failures.back();
  if (failures.size() == 1) {
    const bool worth_naming = !last.server.empty() && last.server != server.host;
    last.server = server.text() + (worth_naming ? " (" + last.server + ")" : "");
    return last;
  }
  std::string all;
  for (const auto& each : failures) {
    if (&each != &failures.front()) all += ", ";
    all += each.message + " (" + each.server + ")";
  }
  last.message = std::move(all);
  last.server = server.text();
  return last;
}

error combined(const std::vector<error>& failures) {
  auto last = failures.back();
  if (failures.size() == 1) return last;
  std::string all;
  for (const auto& each : failures) {
    if (&each != &failures.front()) all += "; ";
    all += each.server + ": " + each.message;
  }
  last.message = std::move(all);
  last.server.clear();
  return last;
}

}  // namespace ingestor::pg::fsm
