// HTTPS_PROXY, HTTP_PROXY and NO_PROXY, in either case.
#pragma once

#include "config/reader.hpp"
#include "config/settings.hpp"

#include <optional>
#include <string_view>

namespace ingestor::config {

void take_proxies(reader& from, proxy_settings& into);

/// Of a name of a proxy's variable in capitals: the variable that counts, which is the one in small
/// letters where both are set (as for curl and the SDKs). nullopt: neither is, or it is no such
/// name.
std::optional<std::string_view> effective_proxy_variable(const reader& from, std::string_view name);

}  // namespace ingestor::config
