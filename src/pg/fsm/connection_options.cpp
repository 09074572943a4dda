#include "pg/fsm/connection_options.hpp"

#include "pg/fsm/connection_uri.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>
#include <utility>

namespace ingestor::pg {
namespace {

/// Where Debian's libpq looks for a server when no host is given.
constexpr std::string_view default_host = "/var/run/postgresql";

constexpr std::string_view password_advice =
    "write @ as %40, / as %2F, : as %3A and % as %25 inside a user name or password";

template <class Value>
using choices = std::span<const std::pair<std::string_view, Value>>;

constexpr auto ssl_modes = std::to_array<std::pair<std::string_view, ssl_mode>>({
    {"disable", ssl_mode::disable},
    {"prefer", ssl_mode::prefer},
    {"require", ssl_mode::require},
    {"verify-ca", ssl_mode::verify_ca},
    {"verify-full", ssl_mode::verify_full},
});

constexpr auto targets = std::to_array<std::pair<std::string_view, session_attributes>>({
    {"any", session_attributes::any},
    {"read-write", session_attributes::read_write},
    {"read-only", session_attributes::read_only},
    {"primary", session_attributes::primary},
    {"standby", session_attributes::standby},
    {"prefer-standby", session_attributes::prefer_standby},
});

// libpq's own, which would change the meaning of a connection if they were passed over.
constexpr auto unsupported = std::to_array<std::string_view>({"gsslib",
                                                              "gssdelegation",
                                                              "hostaddr",
                                                              "krbsrvname",
                                                              "load_balance_hosts",
                                                              "passfile",
                                                              "replication",
                                                              "requirepeer",
                                                              "service",
                                                              "ssl_max_protocol_version",
                                                              "ssl_min_protocol_version",
                                                              "sslcert",
                                                              "sslcertmode",
                                                              "sslcompression",
                                                              "sslcrl",
                                                              "sslcrldir",
                                                              "sslkey",
                                                              "sslpassword",
                                                              "sslsni",
                                                              "min_protocol_version",
                                                              "max_protocol_version",
                                                              "scram_client_key",
                                                              "scram_server_key"});

std::vector<std::string_view> split(std::string_view list) {
  std::vector<std::string_view> parts;
  for (;;) {
    const auto comma = list.find(',');
    parts.push_back(list.substr(0, comma));
    if (comma == std::string_view::npos) return parts;
    list.remove_prefix(comma + 1);
  }
}

template <class Number = std::uint64_t>
std::optional<Number> number(std::string_view digits) {
  Number value = 0;
  const auto* const end = digits.data() + digits.size();
  const auto [stop, failure] = std::from_chars(digits.data(), end, value);
  if (failure != std::errc{} || stop != end) return std::nullopt;
  return value;
}

constexpr std::int32_t day = 86'400;

bool is_host(std::string_view host) {
  return std::all_of(host.begin(), host.end(), [](char each) {
    return static_cast<unsigned char>(each) > 0x20 && each != 0x7f && each != '@';
  });
}

/// Gives each setting its meaning, and keeps the mistakes.
class interpreter {
 public:
  interpreter(const connection_defaults& defaults, bool quiet)
      : defaults_{defaults}, quiet_{quiet} {
    options_.password = defaults.password;
  }

  void apply(std::string_view name, const std::string& value);
  void finish();

  std::vector<std::string> mistakes;
  connection_options take() { return std::move(options_); }

 private:
  bool apply_login(std::string_view name, const std::string& value);
  bool apply_security(std::string_view name, const std::string& value);
  bool apply_network(std::string_view name, const std::string& value);
  /// Parameters of which only the value that this client has anyway is taken.
  bool apply_fixed(std::string_view name, std::string_view value);
  void connect_timeout(std::string_view value);
  void require_auth(std::string_view list);
  void servers();
  void root_certificate();

  template <class Value>
  std::optional<Value> choice(std::string_view name, std::string_view value, choices<Value> all);
  template <class Target>
  void count(std::string_view name, std::string_view value, std::uint64_t max, Target& target);
  void wrong(std::string_view name, std::string_view value, std::string_view remedy);

  const connection_defaults& defaults_;
  bool quiet_;
  connection_options options_;
  std::string hosts_;
  std::string ports_;
  std::optional<ssl_mode> sslmode_;
  std::string fallback_name_;
};

void interpreter::wrong(std::string_view name, std::string_view value, std::string_view remedy) {
  const auto shown = quiet_ ? std::string{} : "=" + std::string{value};
  mistakes.push_back(std::string{name} + shown + " is not valid: " + std::string{remedy});
}

template <class Value>
std::optional<Value> interpreter::choice(std::string_view name, std::string_view value,
                                         choices<Value> all) {
  std::string remedy = "use one of";
  for (const auto& [text, meaning] : all) {
    if (text == value) return meaning;
    remedy += " " + std::string{text};
  }
  wrong(name, value, remedy);
  return std::nullopt;
}

template <class Target>
void interpreter::count(std::string_view name, std::string_view value, std::uint64_t max,
                        Target& target) {
  const auto parsed = number(value);
  if (!parsed || *parsed > max) {
    wrong(name, value, "use a whole number from 0 to " + std::to_string(max));
    return;
  }
  target = static_cast<Target>(*parsed);
}

bool interpreter::apply_login(std::string_view name, const std::string& value) {
  if (name == "user") {
    options_.user = value;
  } else if (name == "password") {
    options_.password = secret{value};
  } else if (name == "dbname") {
    options_.database = value;
  } else if (name == "application_name") {
    options_.application_name = value;
  } else if (name == "fallback_application_name") {
    fallback_name_ = value;
  } else if (name == "options") {
    options_.options = value;
  } else if (name == "target_session_attrs") {
    options_.target =
        choice<session_attributes>(name, value, targets).value_or(session_attributes::any);
  } else {
    return false;
  }
  return true;
}

bool interpreter::apply_security(std::string_view name, const std::string& value) {
  if (name == "sslmode") {
    if (value == "allow") {
      mistakes.emplace_back("sslmode=allow is not supported: use prefer, or better verify-full");
    } else {
      sslmode_ = choice<ssl_mode>(name, value, ssl_modes);
    }
  } else if (name == "ssl") {
    if (value == "true") {
      sslmode_ = ssl_mode::require;
    } else {
      wrong(name, value, "use sslmode instead");
    }
  } else if (name == "sslrootcert") {
    options_.sslrootcert = value;
  } else if (name == "require_auth") {
    require_auth(value);
  } else if (name == "channel_binding") {
    if (value == "require") {
      mistakes.emplace_back(
          "channel_binding=require is not supported: use prefer with sslmode=verify-full");
    } else if (value != "prefer" && value != "disable") {
      wrong(name, value, "use one of disable prefer");
    }
  } else {
    return false;
  }
  return true;
}

bool interpreter::apply_network(std::string_view name, const std::string& value) {
  auto& keep = options_.keepalives;
  if (name == "host") {
    hosts_ = value;
  } else if (name == "port") {
    ports_ = value;
  } else if (name == "connect_timeout") {
    connect_timeout(value);
  } else if (name == "keepalives") {
    const auto parsed = number<std::int32_t>(value);
    if (!parsed) wrong(name, value, "use 1 or 0");
    keep.enabled = parsed.value_or(1) != 0;
  } else if (name == "keepalives_idle") {
    count(name, value, 32'767, keep.idle);
  } else if (name == "keepalives_interval") {
    count(name, value, 32'767, keep.interval);
  } else if (name == "keepalives_count") {
    count(name, value, 127, keep.count);
  } else if (name == "tcp_user_timeout") {
    count(name, value, std::uint64_t{day} * 1'000, keep.user_timeout);
  } else {
    return false;
  }
  return true;
}

bool interpreter::apply_fixed(std::string_view name, std::string_view value) {
  std::string_view only;
  if (name == "gssencmode") only = "disable";
  if (name == "sslnegotiation") only = "postgres";
  if (name == "client_encoding") only = "UTF8";
  if (only.empty()) return false;
  const bool other_spelling =
      name == "client_encoding" && (value == "utf8" || value == "utf-8" || value == "UTF-8");
  if (value != only && !other_spelling) {
    wrong(name, value, "only " + std::string{name} + "=" + std::string{only} + " is supported");
  }
  return true;
}

void interpreter::apply(std::string_view name, const std::string& value) {
  if (apply_login(name, value) || apply_security(name, value) || apply_network(name, value) ||
      apply_fixed(name, value)) {
    return;
  }
  if (quiet_) {
    mistakes.push_back(
        "a parameter behind the ? is unknown; it is not shown because it may be a "
        "part of the password: " +
        std::string{password_advice});
  } else if (std::find(unsupported.begin(), unsupported.end(), name) != unsupported.end()) {
    mistakes.push_back(std::string{name} + " is not supported: remove it");
  } else {
    mistakes.push_back("unknown parameter \"" + std::string{name} +
                       "\": remove it or correct its spelling");
  }
}

void interpreter::connect_timeout(std::string_view value) {
  const auto seconds = number<std::int32_t>(value);
  if (!seconds || *seconds > day) {
    wrong("connect_timeout", value,
          "use a whole number of seconds up to " + std::to_string(day) + ", or 0 for none");
    return;
  }
  // libpq rounds 1 up, because its clock once had whole seconds.
  options_.connect_timeout = std::chrono::seconds{*seconds == 1 ? 2 : std::max(*seconds, 0)};
}

void interpreter::require_auth(std::string_view list) {
  constexpr auto methods =
      std::to_array<std::string_view>({"password", "md5", "gss", "sspi", "scram-sha-256", "none"});
  if (list.empty()) {
    options_.authentication = {};
    return;
  }
  const bool negative = list.starts_with('!');
  allowed_authentication allowed{negative, negative};
  for (auto method : split(list)) {
    if (method.starts_with('!') != negative) {
      return wrong("require_auth", list, "either all methods begin with ! or none");
    }
    if (negative) method.remove_prefix(1);
    if (std::find(methods.begin(), methods.end(), method) == methods.end()) {
      return wrong("require_auth", list,
                   "the methods are password, md5, gss, sspi, scram-sha-256 and none");
    }
    if (method == "none") {
      allowed.none = !negative;
    } else if (method == "scram-sha-256") {
      allowed.scram_sha_256 = !negative;
    } else if (!negative) {
      return wrong("require_auth", list,
                   std::string{method} +
                       " is not supported yet: this client logs in by scram-sha-256 or none only");
    }
  }
  if (!allowed.none && !allowed.scram_sha_256) {
    return wrong("require_auth", list, "this client logs in by scram-sha-256 or none only");
  }
  options_.authentication = allowed;
}

void interpreter::servers() {
  const auto hosts = split(hosts_);
  const auto ports = split(ports_);
  if (ports.size() != 1 && ports.size() != hosts.size()) {
    mistakes.push_back("there are " + std::to_string(hosts.size()) + " hosts and " +
                       std::to_string(ports.size()) +
                       " ports: give one port, or one for each host");
    return;
  }
  for (std::size_t i = 0; i < hosts.size(); ++i) {
    const auto which = hosts.size() == 1 ? std::string{} : " number " + std::to_string(i + 1);
    const auto port_text = ports.size() == 1 ? ports[0] : ports[i];
    const auto port = port_text.empty() ? std::optional<std::uint64_t>{5432} : number(port_text);
    // Neither is ever quoted: where a password holds a stray / or @, this is where it ends up.
    if (!port || *port == 0 || *port > 65'535) {
      mistakes.push_back("port" + which + " is not a number from 1 to 65535 (" +
                         std::string{password_advice} + ")");
    } else if (!is_host(hosts[i])) {
      mistakes.push_back("host" + which + " holds an @ or white space (" +
                         std::string{password_advice} + ")");
    } else {
      options_.servers.push_back({std::string{hosts[i].empty() ? default_host : hosts[i]},
                                  static_cast<std::uint16_t>(*port)});
    }
  }
}

void interpreter::root_certificate() {
  auto& certificate = options_.sslrootcert;
  if (certificate.empty()) certificate = defaults_.sslrootcert;
  // As libpq: with the operating system's authorities anybody can have a certificate, so anything
  // less than checking its name would be no check.
  const bool system = certificate == "system";
  options_.sslmode = sslmode_.value_or(system ? ssl_mode::verify_full : ssl_mode::prefer);
  if (system && options_.sslmode != ssl_mode::verify_full) {
    mistakes.emplace_back("sslrootcert=system needs sslmode=verify-full");
  }
  if (certificate.empty() && options_.sslmode >= ssl_mode::verify_ca) {
    mistakes.emplace_back(
        "sslmode=verify-ca and verify-full need a root certificate: add sslrootcert=FILE or "
        "sslrootcert=system");
  }
}

void interpreter::finish() {
  servers();
  root_certificate();
  if (options_.user.empty()) options_.user = defaults_.user;
  if (options_.user.empty()) {
    mistakes.emplace_back("there is no user name: write postgresql://user@host/database");
  }
  if (options_.database.empty()) options_.database = options_.user;
  if (options_.application_name.empty()) options_.application_name = fallback_name_;
}

}  // namespace

std::string server_address::socket_path() const {
  return host + "/.s.PGSQL." + std::to_string(port);
}

std::string server_address::text() const {
  if (is_unix()) return socket_path();
  const bool v6 = host.find(':') != std::string::npos;
  return (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

ingestor::result<connection_options, std::vector<std::string>> parse_connection_uri(
    std::string_view uri, const connection_defaults& defaults) {
  const auto found = fsm::split_connection_uri(uri);
  if (!found) return found.error();
  interpreter meaning{defaults, found->may_hold_password_pieces};
  for (const auto& [name, value] : found->settings) meaning.apply(name, value);
  meaning.finish();
  if (!meaning.mistakes.empty()) return std::move(meaning.mistakes);
  return meaning.take();
}

}  // namespace ingestor::pg
