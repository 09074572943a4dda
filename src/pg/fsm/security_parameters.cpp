#include "pg/fsm/security_parameters.hpp"

#include "pg/fsm/comma_list.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace ingestor::pg::fsm {
namespace {

constexpr auto ssl_modes = std::to_array<std::pair<std::string_view, ssl_mode>>({
    {"disable", ssl_mode::disable},
    {"allow", ssl_mode::allow},
    {"prefer", ssl_mode::prefer},
    {"require", ssl_mode::require},
    {"verify-ca", ssl_mode::verify_ca},
    {"verify-full", ssl_mode::verify_full},
});

constexpr auto negotiations = std::to_array<std::pair<std::string_view, ssl_negotiation>>({
    {"postgres", ssl_negotiation::postgres},
    {"direct", ssl_negotiation::direct},
});

constexpr auto bindings = std::to_array<std::pair<std::string_view, channel_binding>>({
    {"disable", channel_binding::disable},
    {"prefer", channel_binding::prefer},
    {"require", channel_binding::require},
});

using method = bool allowed_authentication::*;

/// Null: libpq knows the method, this client does not. To allow it, or to exclude it, changes
/// nothing.
constexpr auto methods = std::to_array<std::pair<std::string_view, method>>({
    {"password", &allowed_authentication::password},
    {"md5", &allowed_authentication::md5},
    {"scram-sha-256", &allowed_authentication::scram_sha_256},
    {"none", &allowed_authentication::none},
    {"gss", nullptr},
    {"sspi", nullptr},
});

constexpr std::string_view methods_remedy =
    "use some of scram-sha-256, none, md5 and password, separated by commas, or exclude some by a "
    "! before each";

}  // namespace

bool security_parameters::apply_tls(std::string_view name, const std::string& value) {
  if (name == "sslmode") {
    sslmode_ = mistakes_.choice<ssl_mode>(name, value, ssl_modes);
  } else if (name == "ssl") {
    // JDBC's spelling, which libpq reads in this one form.
    if (value == "true") {
      sslmode_ = ssl_mode::require;
    } else {
      mistakes_.wrong(name, value, "use sslmode instead");
    }
  } else if (name == "sslnegotiation") {
    into_.sslnegotiation = mistakes_.choice<ssl_negotiation>(name, value, negotiations)
                               .value_or(ssl_negotiation::postgres);
  } else {
    return false;
  }
  return true;
}

bool security_parameters::apply(std::string_view name, const std::string& value) {
  if (apply_tls(name, value)) return true;
  if (name == "require_auth") {
    require_auth(value);
    return true;
  }
  if (name == "channel_binding") {
    into_.binding =
        mistakes_.choice<channel_binding>(name, value, bindings).value_or(channel_binding::prefer);
    return true;
  }
  if (name == "sslrootcert") {
    into_.sslrootcert = value;
  } else if (name == "sslcert") {
    into_.sslcert = value;
  } else if (name == "sslkey") {
    into_.sslkey = value;
  } else if (name == "sslpassword") {
    into_.sslpassword = secret{value};
  } else {
    return false;
  }
  return true;
}

void security_parameters::require_auth(std::string_view list) {
  into_.authentication = {};
  if (list.empty()) return;
  const bool excluding = list.starts_with('!');
  auto allowed = excluding ? allowed_authentication{} : allowed_authentication{false, false};
  std::vector<std::string_view> seen;
  for (auto one : comma_list(list)) {
    if (one.starts_with('!') != excluding) {
      return mistakes_.wrong("require_auth", one, "either all methods begin with ! or none");
    }
    if (excluding) one.remove_prefix(1);
    const auto known = mistakes_.choice<method>("require_auth", one, methods);
    if (!known) return;
    if (std::find(seen.begin(), seen.end(), one) != seen.end()) {
      return mistakes_.wrong("require_auth", one, "it is there more than once");
    }
    seen.push_back(one);
    if (*known != nullptr) allowed.*(*known) = !excluding;
  }
  if (allowed == allowed_authentication{false, false}) {
    return mistakes_.add("require_auth leaves no way to log in: " + std::string{methods_remedy});
  }
  into_.authentication = allowed;
}

void security_parameters::root_certificate(const connection_defaults& defaults) {
  auto& certificate = into_.sslrootcert;
  if (certificate.empty()) certificate = defaults.sslrootcert;
  // As libpq: with the operating system's authorities anybody can have a certificate, so anything
  // less than checking its name would be no check.
  const bool system = certificate == "system";
  into_.sslmode = sslmode_.value_or(system ? ssl_mode::verify_full : ssl_mode::prefer);
  if (system && into_.sslmode != ssl_mode::verify_full) {
    mistakes_.add("sslrootcert=system needs sslmode=verify-full");
  }
  if (certificate.empty() && into_.sslmode >= ssl_mode::verify_ca) {
    mistakes_.add(
        "sslmode=verify-ca and verify-full need a root certificate: add sslrootcert=FILE or "
        "sslrootcert=system");
  }
}

void security_parameters::own_certificate(const connection_defaults& defaults) {
  if (into_.sslmode == ssl_mode::disable) return;
  if (into_.sslcert.empty()) into_.sslcert = defaults.sslcert;
  if (into_.sslkey.empty() && !into_.sslcert.empty()) into_.sslkey = defaults.sslkey;
  if (!into_.sslcert.empty() && into_.sslkey.empty()) {
    mistakes_.add("sslcert needs its private key: add sslkey=FILE");
  }
  if (into_.sslcert.empty() && !into_.sslkey.empty()) {
    mistakes_.add("sslkey needs its certificate: add sslcert=FILE");
  }
  if (into_.sslkey.empty() && !into_.sslpassword.empty()) {
    mistakes_.add("sslpassword needs the key that it opens: add sslcert=FILE and sslkey=FILE");
  }
}

void security_parameters::contradictions() {
  const bool no_tls = sslmode_ == ssl_mode::disable;
  if (into_.sslnegotiation == ssl_negotiation::direct && into_.sslmode < ssl_mode::require) {
    mistakes_.add("sslnegotiation=direct needs sslmode=require, verify-ca or verify-full");
  }
  if (into_.binding != channel_binding::require) return;
  if (no_tls) {
    mistakes_.add("channel_binding=require binds to TLS, which sslmode=disable forbids");
  }
  if (!into_.authentication.scram_sha_256) {
    mistakes_.add("channel_binding=require needs scram-sha-256, which require_auth forbids");
  }
}

void security_parameters::finish(const connection_defaults& defaults) {
  root_certificate(defaults);
  own_certificate(defaults);
  contradictions();
}

}  // namespace ingestor::pg::fsm
