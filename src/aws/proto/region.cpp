#include "aws/proto/region.hpp"

#include "base/ascii.hpp"

namespace ingestor::aws {
namespace {

constexpr std::string_view global_region = "aws-global";
/// Where requests to the global addresses are looked at first.
constexpr std::string_view home_of_global = "us-east-1";

}  // namespace

region_choice read_region(std::string_view given) {
  region_choice out;
  out.name = given;
  for (const std::string_view mark : {"fips-", "-fips"}) {
    const auto at = ascii_lower(out.name).find(mark);
    if (at == std::string::npos) continue;
    out.name.erase(at, mark.size());
    out.fips = true;
  }
  if (ascii_lower(out.name) == global_region) {
    out.name = home_of_global;
    out.global = true;
  }
  return out;
}

}  // namespace ingestor::aws
