// Any bytes as a connection URI: what is accepted can be connected to, and no mistake quotes a
// password, wherever its special characters may have led the parser.
//
// The first byte chooses where the password stands, the second whether there are defaults, which
// hold one as well. Of the two lines that follow, the second is what comes behind the password.
#include "pg/fsm/attempt.hpp"
#include "pg/fsm/connection_options.hpp"
#include "require.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace {

using namespace ingestor;
using namespace ingestor::pg;
using namespace std::chrono_literals;

/// A piece of every password here.
const std::string marker = "Geheim";

std::string uri_of(char form, const std::string& first, const std::string& second) {
  const std::string scheme = "postgresql://";
  switch (form) {
    case '@':  // a password with anything inside it, percent-encoded or not
      return scheme + "user:" + marker + first + marker + "@" + second;
    case ':':  // without the host that should follow, unless an @ ends the password after all
      if (first.find('@') != std::string::npos) return scheme + "user:" + marker + first;
      return scheme + "user:" + marker + first + marker + second;
    case '?':
      return scheme + first + "?password=" + marker + second;
    case 's':
      return scheme + first + "?sslpassword=" + marker + second;
    default:
      return first;
  }
}

void check_mistakes(const std::vector<std::string>& mistakes) {
  require(!mistakes.empty());
  for (const auto& each : mistakes) {
    require(!each.empty());
    require(each.find(marker) == std::string::npos);
  }
}

void check_options(const connection_options& options) {
  require(!options.servers.empty());
  for (const auto& server : options.servers) {
    require(!server.host.empty() && server.port != 0);
    require(server.host.find_first_of("@ \t\r\n") == std::string::npos);
    require(server.text().find(marker) == std::string::npos);
  }
  require(!fsm::attempts(options).empty());
  require(!options.user.empty() && !options.database.empty());
  require(options.sslmode < ssl_mode::verify_ca || !options.sslrootcert.empty());
  require(options.sslcert.empty() == options.sslkey.empty());
  if (options.sslnegotiation == ssl_negotiation::direct) {
    require(options.sslmode >= ssl_mode::require);
  }
  if (options.binding == channel_binding::require) {
    require(options.sslmode != ssl_mode::disable && options.authentication.scram_sha_256);
  }
  require(options.connect_timeout >= 0s && options.connect_timeout != 1s);
  require(options.keepalives.idle >= 0s && options.keepalives.interval >= 0s);
  require(options.keepalives.user_timeout >= 0ms);
  require(options.result_bytes_max > 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string lines{as_text(std::as_bytes(std::span{data, size}).subspan(2))};
  // Elsewhere than in a password it may be quoted.
  if (lines.find(marker) != std::string::npos) return 0;
  const auto first = lines.substr(0, lines.find('\n'));
  const auto second = lines.substr(std::min(first.size() + 1, lines.size()));

  connection_defaults defaults;
  if (data[1] == '1') {
    defaults.password = secret{marker};
    defaults.user = "somebody";
    defaults.sslrootcert = "root.crt";
    defaults.sslcert = "postgresql.crt";
    defaults.sslkey = "postgresql.key";
  }
  const auto uri = uri_of(static_cast<char>(data[0]), first, second);
  const auto options = parse_connection_uri(uri, defaults);
  if (options) {
    check_options(*options);
    // Only "?password=" says that there is none.
    const bool asks_for_default = uri.find('?') == std::string::npos;
    require(!asks_for_default || defaults.password.empty() || !options->password.empty());
  } else {
    check_mistakes(options.error());
  }
  return 0;
}
