#include "pg/fsm/connection_uri.hpp"

#include <array>
#include <optional>

namespace ingestor::pg::fsm {
namespace {

constexpr std::array<std::string_view, 2> schemes{"postgresql://", "postgres://"};

std::optional<unsigned> hex_digit(char digit) {
  if (digit >= '0' && digit <= '9') return static_cast<unsigned>(digit - '0');
  if (digit >= 'a' && digit <= 'f') return static_cast<unsigned>(digit - 'a' + 10);
  if (digit >= 'A' && digit <= 'F') return static_cast<unsigned>(digit - 'A' + 10);
  return std::nullopt;
}

std::optional<std::string> percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    const auto high = i + 2 < text.size() ? hex_digit(text[i + 1]) : std::nullopt;
    const auto low = i + 2 < text.size() ? hex_digit(text[i + 2]) : std::nullopt;
    if (!high || !low || (*high == 0 && *low == 0)) return std::nullopt;
    out += static_cast<char>(*high << 4 | *low);
    i += 2;
  }
  return out;
}

/// Takes what stands before the first of `ends`, and leaves that character in place.
std::string_view take_until(std::string_view& rest, std::string_view ends) {
  const auto part = rest.substr(0, rest.find_first_of(ends));
  rest.remove_prefix(part.size());
  return part;
}

class splitter {
 public:
  explicit splitter(std::string_view rest) : rest_{rest} {}

  ingestor::result<uri_settings, std::vector<std::string>> run() {
    user_info();
    found_.may_hold_password_pieces = rest_.find('@') != std::string_view::npos;
    hosts();
    if (rest_.starts_with('/')) {
      rest_.remove_prefix(1);
      const auto database = take_until(rest_, "?");
      if (!database.empty()) add("dbname", database);
    }
    query();
    if (!mistakes_.empty()) return std::move(mistakes_);
    return std::move(found_);
  }

 private:
  /// As libpq: an '@' before the first '/' ends the user and password.
  void user_info() {
    const auto end = rest_.find_first_of("@/");
    if (end == std::string_view::npos || rest_[end] != '@') return;
    auto info = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    const auto user = take_until(info, ":");
    if (!user.empty()) add("user", user);
    // An empty one leaves room for PGPASSWORD, unlike "?password=".
    if (info.size() > 1) add("password", info.substr(1));
  }

  void hosts() {
    auto authority = take_until(rest_, "/?");
    if (authority.empty()) return;
    std::string hosts;
    std::string ports;
    for (bool more = true; more;) {
      one_host(authority, hosts, ports);
      more = authority.starts_with(',');
      if (more) {
        authority.remove_prefix(1);
        hosts += ',';
        ports += ',';
      }
    }
    // Such a port may be a password that no '@' and host follow.
    if (ports.find_first_not_of("0123456789,") != std::string::npos) {
      found_.may_hold_password_pieces = true;
    }
    found_.settings.emplace_back("host", std::move(hosts));
    found_.settings.emplace_back("port", std::move(ports));
  }

  void one_host(std::string_view& authority, std::string& hosts, std::string& ports) {
    std::string_view host;
    if (authority.starts_with('[')) {
      authority.remove_prefix(1);
      host = take_until(authority, "]");
      if (authority.empty()) {
        mistakes_.emplace_back("an IPv6 address lacks its closing ]");
        return;
      }
      authority.remove_prefix(1);
      if (!authority.empty() && authority.front() != ':' && authority.front() != ',') {
        mistakes_.emplace_back("something other than :port or , stands behind an IPv6 address");
      }
      take_until(authority, ":,");
    } else {
      host = take_until(authority, ":,");
    }
    if (const auto text = decoded("host", host)) hosts += *text;
    if (!authority.starts_with(':')) return;
    authority.remove_prefix(1);
    if (const auto text = decoded("port", take_until(authority, ","))) ports += *text;
  }

  void query() {
    if (!rest_.starts_with('?')) return;
    rest_.remove_prefix(1);
    while (!rest_.empty()) {
      one_parameter(take_until(rest_, "&"));
      if (!rest_.empty()) rest_.remove_prefix(1);
    }
  }

  void one_parameter(std::string_view text) {
    const auto equals = text.find('=');
    if (equals == std::string_view::npos || text.find('=', equals + 1) != std::string_view::npos) {
      mistakes_.emplace_back(
          "a parameter behind the ? is not of the form name=value (write = as "
          "%3D and & as %26 inside a value)");
      return;
    }
    const auto name = decoded("name of a parameter", text.substr(0, equals));
    if (name) add(*name, text.substr(equals + 1));
  }

  std::optional<std::string> decoded(std::string_view what, std::string_view text) {
    auto value = percent_decoded(text);
    if (!value) {
      mistakes_.push_back("the " + std::string{what} +
                          " has a % that is not followed by two hexadecimal digits, or a %00");
    }
    return value;
  }

  void add(std::string_view name, std::string_view value) {
    const bool safe = !found_.may_hold_password_pieces;
    if (auto text = decoded(safe ? name : "value of a parameter", value)) {
      found_.settings.emplace_back(name, std::move(*text));
    }
  }

  std::string_view rest_;
  uri_settings found_;
  std::vector<std::string> mistakes_;
};

}  // namespace

ingestor::result<uri_settings, std::vector<std::string>> split_connection_uri(
    std::string_view uri) {
  for (const auto scheme : schemes) {
    if (uri.starts_with(scheme)) return splitter{uri.substr(scheme.size())}.run();
  }
  return std::vector<std::string>{
      "it does not begin with postgresql:// or postgres:// (write "
      "postgresql://user:password@host:5432/database)"};
}

}  // namespace ingestor::pg::fsm
