#include "pg/fsm/connection_options.hpp"

#include "pg/fsm/comma_list.hpp"
#include "pg/fsm/connection_uri.hpp"
#include "pg/fsm/parameter_mistakes.hpp"
#include "pg/fsm/security_parameters.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>
#include <utility>

namespace ingestor::pg {
namespace {

constexpr std::string_view password_advice =
    "write @ as %40, / as %2F, : as %3A and % as %25 inside a user name or password";

constexpr auto targets = std::to_array<std::pair<std::string_view, session_attributes>>({
    {"any", session_attributes::any},
    {"read-write", session_attributes::read_write},
    {"read-only", session_attributes::read_only},
    {"primary", session_attributes::primary},
    {"standby", session_attributes::standby},
    {"prefer-standby", session_attributes::prefer_standby},
});

// libpq's own, which would change the meaning of a connection if they were passed over.
constexpr auto unsupported = std::to_array<std::string_view>(
    {"gsslib", "gssdelegation", "hostaddr", "krbsrvname", "load_balance_hosts", "replication",
     "requirepeer", "service", "ssl_max_protocol_version", "ssl_min_protocol_version",
     "sslcertmode", "sslcompression", "sslcrl", "sslcrldir", "sslsni", "min_protocol_version",
     "max_protocol_version", "scram_client_key", "scram_server_key"});

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
      : mistakes{quiet}, defaults_{defaults} {
    options_.password = defaults.password;
  }

  void apply(std::string_view name, const std::string& value);
  void finish();

  fsm::parameter_mistakes mistakes;
  connection_options take() { return std::move(options_); }

 private:
  bool apply_login(std::string_view name, const std::string& value);
  bool apply_network(std::string_view name, const std::string& value);
  /// Parameters of which only the value that this client has anyway is taken.
  bool apply_fixed(std::string_view name, std::string_view value);
  void connect_timeout(std::string_view value);
  void servers();

  template <class Target>
  void count(std::string_view name, std::string_view value, std::uint64_t max, Target& target);

  const connection_defaults& defaults_;
  connection_options options_;
  fsm::security_parameters security_{options_, mistakes};
  std::string hosts_;
  std::string ports_;
  std::string fallback_name_;
};

template <class Target>
void interpreter::count(std::string_view name, std::string_view value, std::uint64_t max,
                        Target& target) {
  const auto parsed = number(value);
  if (!parsed || *parsed > max) {
    mistakes.wrong(name, value, "use a whole number from 0 to " + std::to_string(max));
    return;
  }
  target = static_cast<Target>(*parsed);
}

bool interpreter::apply_login(std::string_view name, const std::string& value) {
  if (name == "user") {
    options_.user = value;
  } else if (name == "password") {
    options_.password = secret{value};
  } else if (name == "passfile") {
    options_.passfile = value;
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
        mistakes.choice<session_attributes>(name, value, targets).value_or(session_attributes::any);
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
    if (!parsed) mistakes.wrong(name, value, "use 1 or 0");
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
  if (name == "client_encoding") only = "UTF8";
  if (only.empty()) return false;
  const bool other_spelling =
      name == "client_encoding" && (value == "utf8" || value == "utf-8" || value == "UTF-8");
  if (value != only && !other_spelling) {
    mistakes.wrong(name, value,
                   "only " + std::string{name} + "=" + std::string{only} + " is supported");
  }
  return true;
}

void interpreter::apply(std::string_view name, const std::string& value) {
  if (apply_login(name, value) || security_.apply(name, value) || apply_network(name, value) ||
      apply_fixed(name, value)) {
    return;
  }
  if (mistakes.quiet()) {
    mistakes.add(
        "a parameter behind the ? is unknown; it is not shown because it may be a "
        "part of the password: " +
        std::string{password_advice});
  } else if (std::find(unsupported.begin(), unsupported.end(), name) != unsupported.end()) {
    mistakes.add(std::string{name} + " is not supported: remove it");
  } else {
    mistakes.add("unknown parameter \"" + std::string{name} +
                 "\": remove it or correct its spelling");
  }
}

void interpreter::connect_timeout(std::string_view value) {
  const auto seconds = number<std::int32_t>(value);
  if (!seconds || *seconds > day) {
    mistakes.wrong(
        "connect_timeout", value,
        "use a whole number of seconds up to " + std::to_string(day) + ", or 0 for none");
    return;
  }
  // libpq rounds 1 up, because its clock once had whole seconds.
  options_.connect_timeout = std::chrono::seconds{*seconds == 1 ? 2 : std::max(*seconds, 0)};
}

void interpreter::servers() {
  const auto hosts = fsm::comma_list(hosts_);
  const auto ports = fsm::comma_list(ports_);
  if (ports.size() != 1 && ports.size() != hosts.size()) {
    mistakes.add("there are " + std::to_string(hosts.size()) + " hosts and " +
                 std::to_string(ports.size()) + " ports: give one port, or one for each host");
    return;
  }
  for (std::size_t i = 0; i < hosts.size(); ++i) {
    const auto which = hosts.size() == 1 ? std::string{} : " number " + std::to_string(i + 1);
    const auto port_text = ports.size() == 1 ? ports[0] : ports[i];
    const auto port = port_text.empty() ? std::optional<std::uint64_t>{5432} : number(port_text);
    // Neither is ever quoted: where a password holds a stray / or @, this is where it ends up.
    if (!port || *port == 0 || *port > 65'535) {
      mistakes.add("port" + which + " is not a number from 1 to 65535 (" +
                   std::string{password_advice} + ")");
    } else if (!is_host(hosts[i])) {
      mistakes.add("host" + which + " holds an @ or white space (" + std::string{password_advice} +
                   ")");
    } else {
      options_.servers.push_back(
          {std::string{hosts[i].empty() ? default_socket_directory : hosts[i]},
           static_cast<std::uint16_t>(*port)});
    }
  }
}

void interpreter::finish() {
  servers();
  security_.finish(defaults_);
  if (options_.user.empty()) options_.user = defaults_.user;
  if (options_.user.empty()) {
    mistakes.add("there is no user name: write postgresql://user@host/database");
  }
  if (options_.database.empty()) options_.database = options_.user;
  if (options_.passfile.empty()) options_.passfile = defaults_.passfile;
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
  if (!meaning.mistakes.all().empty()) return meaning.mistakes.all();
  return meaning.take();
}

}  // namespace ingestor::pg
