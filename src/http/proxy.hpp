// Through whom a request goes: the rules of HTTPS_PROXY, HTTP_PROXY and NO_PROXY.
#pragma once

#include "base/secret.hpp"
#include "http/origin.hpp"

#include <optional>
#include <string>

namespace ingestor::http {

/// A server that passes requests on: an https target as a tunnel (CONNECT), an http target by the
/// whole URL in the request line (RFC 9110, sections 7.6.3 and 9.3.6; RFC 9112, section 3.2.2).
struct proxy {
  origin where;
  /// `user:password`, decoded; empty: the proxy asks for none. Sent to the proxy, and never shown.
  secret user_info;
};

struct proxy_settings {
  std::optional<proxy> for_http;
  std::optional<proxy> for_https;
  /// NO_PROXY as given: entries between commas or blanks. `*` is every host; a name stands for
  /// itself and all names below it, with or without a leading dot (or `*.`); an address for itself,
  /// a network (`10.0.0.0/8`) for its addresses; a `:port` at the end narrows an entry to that
  /// port. What is none of these matches nothing.
  std::string no_proxy;
};

/// The proxy for requests to `where`; none: straight to it. What is on this machine or this link
/// (loopback, link-local addresses, the instance metadata's) never goes through a proxy.
std::optional<proxy> proxy_for(const origin& where, const proxy_settings& settings);

/// For messages, about requests to `target`: "the proxy 10.0.0.1:3128 (HTTPS_PROXY)".
std::string name_of(const proxy& via, const origin& target);

/// What goes into Proxy-Authorization (RFC 7617). Must not be shown.
secret basic_authorization(const secret& user_info);

}  // namespace ingestor::http
