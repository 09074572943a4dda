#include "config/variables.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace ingestor::config {
namespace {

using enum visibility;
using enum support;

constexpr std::array table{
    variable{"DATABASE_URL", "", database_url},
    variable{"PGPASSWORD", "", hidden},
    variable{"PGPASSFILE", ""},

    variable{"AWS_S3_BUCKET", ""},
    variable{"AWS_REGION", ""},
    variable{"AWS_S3_KEY", ""},
    variable{"AWS_ENDPOINT", "", url},
    variable{"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "false"},
    variable{"AWS_USE_DUALSTACK_ENDPOINT", "false"},
    variable{"AWS_USE_FIPS_ENDPOINT", "false"},
    variable{"AWS_CA_BUNDLE", ""},
    variable{"AWS_ACCESS_KEY_ID", "", last_four},
    variable{"AWS_SECRET_ACCESS_KEY", "", hidden},
    variable{"AWS_SESSION_TOKEN", "", hidden},
    variable{"HTTPS_PROXY", "", url},
    variable{"HTTP_PROXY", "", url},
    variable{"NO_PROXY", ""},
