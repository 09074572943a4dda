// The environment, read once, into `settings`, or into the list of all that is wrong with it.
#pragma once

#include "base/result.hpp"
#include "config/environment.hpp"
#include "config/mistake.hpp"
#include "config/s3.hpp"
#include "config/settings.hpp"

#include <vector>

namespace ingestor::config {

/// What a command cannot do without. The variables of a part that is not needed are not looked at:
/// `inspect` of a local file works where DATABASE_URL is missing or wrong. The INGESTOR_ variables
/// have defaults and are read for every command.
struct needs {
  bool database = true;
  s3_need s3 = s3_need::everything;
};

/// Mistakes come in the order of variables().
result<settings, std::vector<mistake>> load(const environment& from, const host_facts& host,
                                            needs what = {});

/// What INGESTOR_REPLICA is where it is not set: `web-1-4711`.
std::string default_replica(const host_facts& host);

}  // namespace ingestor::config
