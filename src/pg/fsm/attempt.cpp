#include "pg/fsm/attempt.hpp"

#include <algorithm>

namespace ingestor::pg::fsm {

std::vector<attempt> attempts(const connection_options& options) {
  std::vector<attempt> all;
  const bool twice = options.target == session_attributes::prefer_standby;
  const auto first = twice ? session_attributes::standby : options.target;
  for (const auto& server : options.servers) all.push_back({server, first});
  if (!twice) return all;
  for (const auto& server : options.servers) all.push_back({server, session_attributes::any});
  return all;
}

std::chrono::steady_clock::duration share(std::chrono::steady_clock::duration left,
                                          std::size_t attempts_left,
                                          std::chrono::seconds connect_timeout) {
  const auto part =
      left / static_cast<std::chrono::steady_clock::rep>(std::max<std::size_t>(attempts_left, 1));
  if (connect_timeout.count() == 0) return part;
  // A connect_timeout that is given says how patient to be with one server, even when an equal
  // share would be less.
  return std::min<std::chrono::steady_clock::duration>(left, connect_timeout);
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
