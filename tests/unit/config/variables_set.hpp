// An environment made of a map, for tests.
#pragma once

#include "config/environment.hpp"

#include <initializer_list>
#include <map>
#include <string>
#include <utility>

namespace ingestor::config {

using variables_set = std::map<std::string, std::string, std::less<>>;

/// The least that a command with S3 and a database needs.
inline variables_set complete(
    std::initializer_list<std::pair<const std::string, std::string>> more = {}) {
  variables_set out{{"DATABASE_URL", "postgresql://ingestor:pg-pass@db.example:5433/logs"},
                    {"AWS_S3_BUCKET", "my-logs"},
                    {"AWS_REGION", "eu-west-1"},
                    {"AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"},
                    {"AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI"}};
  for (const auto& [name, value] : more) out[name] = value;
  return out;
}

inline environment environment_of(variables_set set) {
  return [set = std::move(set)](std::string_view name) -> std::optional<std::string> {
    const auto found = set.find(name);
    if (found == set.end()) return std::nullopt;
    return found->second;
  };
}

inline const host_facts a_host{.hostname = "web-1",
                               .pid = 4711,
                               .user = "app",
                               .home = "/home/user",
                               .root_certificate = "",
                               .client_certificate = "",
                               .client_key = "",
                               .password_file = "~app/.pgpass"};

}  // namespace ingestor::config
