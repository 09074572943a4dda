// Says where a bucket would be asked for: reads environments, each on a line, its variables
// separated by tabs (NAME=value), and answers each with a line: URL, a tab, the region that is
// signed for; or "refused", a tab, why. Asks nobody.
#include "config/load.hpp"
#include "s3/proto/address.hpp"

#include <iostream>
#include <map>
#include <sstream>
#include <string>

namespace {

using namespace ingestor;

using variables = std::map<std::string, std::string, std::less<>>;

variables read_variables(const std::string& line) {
  variables out;
  std::istringstream fields{line};
  for (std::string field; std::getline(fields, field, '\t');) {
    const auto equals = field.find('=');
    out[field.substr(0, equals)] = field.substr(equals + 1);
  }
  return out;
}

std::string answer(const variables& set) {
  const config::environment from = [&](std::string_view name) -> std::optional<std::string> {
    const auto found = set.find(name);
    return found == set.end() ? std::nullopt : std::optional{found->second};
  };
  config::needs needs{};
  needs.database = false;
  const auto settings = config::load(from, {}, needs);
  if (!settings) return "refused\t" + config::text_of(settings.error().front());
  const auto& s3 = settings->s3;
  const s3::proto::address_terms terms{s3.endpoint, s3.dual_stack, s3.fips, s3.requester_pays};
  const auto where = s3::proto::address_bucket(s3.bucket, s3.region, terms);
  if (!where) return "refused\t" + where.error();
  return aws::url_of(where->where) + where->path_prefix + '\t' + where->region;
}

}  // namespace

int main() {
  for (std::string line; std::getline(std::cin, line);) {
    std::cout << answer(read_variables(line)) << '\n';
  }
}
