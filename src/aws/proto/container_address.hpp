// Where a container's agent gives credentials, if it may be asked there.
//
// Source: AWS SDKs and Tools Reference Guide, "Container credential provider".
#pragma once

#include "aws/proto/credentials_settings.hpp"
#include "aws/proto/endpoint.hpp"
#include "base/result.hpp"

#include <string>

namespace ingestor::aws {

struct container_address {
  endpoint where;
  std::string target;  ///< path and query
};

/// The relative URI comes first; one of the two must be set. Without TLS, only this machine and the
/// addresses of the agents of ECS and EKS: whoever answers elsewhere would be believed, and sent
/// the token. The error names the variable.
ingestor::result<container_address, std::string> address_container(
    const credentials_settings& settings);

}  // namespace ingestor::aws
