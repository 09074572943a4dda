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
    variable{"AWS_PROFILE", ""},
    variable{"AWS_DEFAULT_PROFILE", ""},
    variable{"AWS_SHARED_CREDENTIALS_FILE", ""},
    variable{"AWS_CONFIG_FILE", ""},
    variable{"AWS_ROLE_ARN", ""},
    variable{"AWS_WEB_IDENTITY_TOKEN_FILE", ""},
    variable{"AWS_ROLE_SESSION_NAME", ""},
    variable{"AWS_CONTAINER_CREDENTIALS_FULL_URI", "", url},
    variable{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", ""},
    variable{"AWS_CONTAINER_AUTHORIZATION_TOKEN", "", hidden},
    variable{"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", ""},
    variable{"AWS_EC2_METADATA_DISABLED", ""},
    variable{"AWS_EC2_METADATA_SERVICE_ENDPOINT", "", url},
    variable{"AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", ""},
    variable{"AWS_ENDPOINT_URL_STS", "", url},

    variable{"INGESTOR_DB_POOL_SIZE", "4"},
    variable{"INGESTOR_BATCH_SIZE", "100"},
    variable{"INGESTOR_POLL_INTERVAL", "30s"},
    variable{"INGESTOR_LEASE", "60s"},
    variable{"INGESTOR_MAX_ATTEMPTS", "5"},
    variable{"INGESTOR_RETRY_BACKOFF", "30s"},
    variable{"INGESTOR_MAX_LINE", "16MiB"},
    variable{"INGESTOR_MAX_OBJECT", "0"},
    variable{"INGESTOR_REJECT_LIMIT", "100%"},
    variable{"INGESTOR_ON_OVERWRITE", "ignore"},
    variable{"INGESTOR_REQUESTER_PAYS", "off"},
    variable{"INGESTOR_HTTP_LISTEN", "0.0.0.0:8080"},
    variable{"INGESTOR_SHUTDOWN_GRACE", "25s"},
    variable{"INGESTOR_CHUNK_INTERVAL", "1d"},
    variable{"INGESTOR_RETENTION", "off", shown, not_supported},
    variable{"INGESTOR_COMPRESS_AFTER", "off", shown, not_supported},
    variable{"INGESTOR_REPLICA", ""},
    variable{"INGESTOR_MIGRATE", "on"},

    variable{"LOG_LEVEL", "info"},
    variable{"NODE_ENV", "development"},
};

constexpr std::array<std::string_view, 3> endpoints{"AWS_ENDPOINT", "AWS_ENDPOINT_URL_S3",
                                                    "AWS_ENDPOINT_URL"};

}  // namespace

std::span<const variable> variables() {
  return table;
}

const variable& variable_named(std::string_view name) {
  const auto* const found = std::find_if(table.begin(), table.end(),
                                         [&](const variable& known) { return known.name == name; });
  if (found == table.end()) throw std::logic_error{"not in the table: " + std::string{name}};
  return *found;
}

std::span<const std::string_view> endpoint_variables() {
  return endpoints;
}

}  // namespace ingestor::config
