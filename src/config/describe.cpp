#include "config/describe.hpp"

#include "config/load.hpp"
#include "config/proxy.hpp"
#include "config/reader.hpp"
#include "config/s3.hpp"

namespace ingestor::config {
namespace {

shown describe_one(const reader& from, const variable& known, const host_facts& host) {
  std::string name{known.name};
  if (const auto value = from.get(known.name)) {
    const bool used = known.state == support::used;
    return {std::move(name), redact(*value, known.seen),
            used ? "environment" : "environment, not supported by this version"};
  }
  if (known.name == "INGESTOR_REPLICA") return {std::move(name), default_replica(host), "default"};
  if (known.fallback.empty()) return {std::move(name), "", "not set"};
  return {std::move(name), std::string{known.fallback}, "default"};
}

/// Of a value that several variables may hold, the one that does.
shown describe_effective(const reader& from, const variable& known, std::string_view holder) {
  return {std::string{known.name}, redact(*from.get(holder), known.seen),
          holder == known.name ? "environment" : std::string{holder}};
}

/// One line for the three variables that name an endpoint.
shown describe_endpoint(const reader& from, const variable& known) {
  const auto variable = effective_endpoint_variable(from);
  if (!variable) return {std::string{known.name}, "", "not set"};
  return describe_effective(from, known, *variable);
}

}  // namespace

std::vector<shown> describe(const environment& from, const host_facts& host) {
  const reader values{from};
  std::vector<shown> out;
  for (const auto& known : variables()) {
    if (known.name == endpoint_variables().front()) {
      out.push_back(describe_endpoint(values, known));
    } else if (const auto proxy = effective_proxy_variable(values, known.name)) {
      out.push_back(describe_effective(values, known, *proxy));
    } else {
      out.push_back(describe_one(values, known, host));
    }
  }
  return out;
}

}  // namespace ingestor::config
