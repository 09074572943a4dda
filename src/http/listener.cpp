#include "http/listener.hpp"

#include <boost/asio/ip/v6_only.hpp>

#include <algorithm>
#include <utility>

namespace ingestor::http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

/// More addresses of one name are not listened on.
constexpr std::size_t addresses_max = 16;
/// How often another port is tried, where one that is free on one address is taken on the next.
constexpr int free_port_tries = 16;

using endpoints = std::vector<tcp::endpoint>;

std::string without_brackets(const std::string& host) {
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') {
    return host.substr(1, host.size() - 2);
  }
  return host;
}

endpoints addresses_of(const asio::any_io_executor& executor, const std::string& host,
                       std::uint16_t port, error_code& failed) {
  tcp::resolver resolver{executor};
  const auto found =
      resolver.resolve(without_brackets(host), std::to_string(port),
                       tcp::resolver::passive | tcp::resolver::numeric_service, failed);
  endpoints out;
  for (const auto& entry : found) {
    const bool known = std::find(out.begin(), out.end(), entry.endpoint()) != out.end();
    if (!known && out.size() < addresses_max) out.push_back(entry.endpoint());
  }
  return out;
}

/// A name may have addresses of other machines, or of a protocol that this one does not speak.
bool is_absent(error_code code) {
  return code == asio::error::address_family_not_supported ||
         code == boost::system::errc::address_not_available;
}

tcp::acceptor listen_at(const asio::any_io_executor& executor, const tcp::endpoint& at,
                        bool with_ipv4, error_code& failed) {
  tcp::acceptor out{executor};
  out.open(at.protocol(), failed);
  if (!failed) out.set_option(tcp::acceptor::reuse_address{true}, failed);
  if (!failed && at.address().is_v6()) {
    out.set_option(asio::ip::v6_only{!with_ipv4}, failed);
  }
  if (!failed) out.bind(at, failed);
  if (!failed) out.listen(asio::socket_base::max_listen_connections, failed);
  return out;
}

acceptors listen_at_all(const asio::any_io_executor& executor, const endpoints& all,
                        error_code& failed) {
  acceptors out;
  for (auto at : all) {
    if (at.port() == 0 && !out.empty()) at.port(out.front().local_endpoint().port());
    error_code code;
    auto one = listen_at(executor, at, all.size() == 1, code);
    if (!code) {
      out.push_back(std::move(one));
      continue;
    }
    failed = code;
    if (!is_absent(code)) return {};
  }
  return out;
}

}  // namespace

result<acceptors> listen_on(const asio::any_io_executor& executor, const std::string& host,
                            std::uint16_t port) {
  error_code failed;
  const auto all = addresses_of(executor, host, port, failed);
  for (int tries = 0; !all.empty() && tries < free_port_tries; ++tries) {
    auto out = listen_at_all(executor, all, failed);
    if (!out.empty()) return out;
    if (port != 0 || failed != asio::error::address_in_use) break;
  }
  return error{error_kind::configuration,
               "cannot listen on " + host + ':' + std::to_string(port) + ": " + failed.message()};
}

}  // namespace ingestor::http
