// What a client's TLS connections share: the protocol's lowest version and whom to trust.
#pragma once

#include "http/error.hpp"

#include <boost/asio/ssl/context.hpp>

#include <memory>
#include <string>

namespace ingestor::http {

/// TLS 1.2 or later, the peer verified. `ca_bundle` is a PEM file that replaces the system's
/// authorities (as AWS_CA_BUNDLE does for the SDKs); empty means the system's. One that cannot be
/// read is an error of kind `configuration`.
result<std::shared_ptr<boost::asio::ssl::context>> client_tls(const std::string& ca_bundle);

}  // namespace ingestor::http
