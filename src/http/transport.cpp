#include "http/transport.hpp"

#include "http/awaiting.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <openssl/bio.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <cerrno>
#include <sys/socket.h>
#include <type_traits>
#include <utility>

namespace ingestor::http {
namespace {

namespace asio = boost::asio;
namespace ssl = boost::asio::ssl;
namespace beast = boost::beast;
using boost::system::error_code;

template <class Stream>
struct tls_layers : std::integral_constant<int, 0> {};

template <class Next>
struct tls_layers<ssl::stream<Next>> : std::integral_constant<int, 1 + tls_layers<Next>::value> {};

constexpr int tls_layers_max = 2;

bool has_undelivered_input(const beast::tcp_stream&) {
  return false;
}

/// What has left the socket and was not asked for yet: records in OpenSSL, and in the BIO that Asio
/// fills for it. Asio reads from the socket only when that BIO is empty, and no more than it holds.
template <class Next>
bool has_undelivered_input(ssl::stream<Next>& stream) {
  auto* const native = stream.native_handle();
  return SSL_has_pending(native) == 1 || BIO_ctrl_pending(SSL_get_rbio(native)) != 0 ||
         has_undelivered_input(stream.next_layer());
}

/// What the macro SSL_set_tlsext_host_name does, without its C cast. OpenSSL copies the name.
void set_sni(SSL* native, const std::string& host) {
  SSL_ctrl(native, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
           const_cast<char*>(host.c_str()));
}

bool is_address(const std::string& host) {
  error_code not_one;
  asio::ip::make_address(host, not_one);
  return !not_one;
}

/// Makes the name part of OpenSSL's own verification, whose verdict then says so. False: it is none
/// that a certificate could hold.
bool expect_name(SSL* native, const std::string& host) {
  auto* const expected = SSL_get0_param(native);
  // RFC 6066, section 3: no addresses in SNI.
  if (is_address(host)) return X509_VERIFY_PARAM_set1_ip_asc(expected, host.c_str()) == 1;
  set_sni(native, host);
  return X509_VERIFY_PARAM_set1_host(expected, host.data(), host.size()) == 1;
}

handshake_failure describe(error_code code, long verdict) {
  handshake_failure out{code, {}, false};
  if (verdict == X509_V_OK) return out;
  out.distrust = X509_verify_cert_error_string(verdict);
  switch (verdict) {
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_CERT_UNTRUSTED:
      out.unknown_authority = true;
      break;
    default:
      break;
  }
  return out;
}

using secured_result = ingestor::result<std::unique_ptr<transport>, handshake_failure>;

template <class Stream>
asio::awaitable<secured_result> shake_hands(Stream stream, handshake how);

template <class Stream>
class stream_transport final : public transport {
 public:
  explicit stream_transport(Stream stream, std::shared_ptr<tls_sessions> sessions = nullptr)
      : sessions_{std::move(sessions)}, stream_{std::move(stream)} {}

  asio::awaitable<io_result> read_some(asio::mutable_buffer into) override {
    const auto [failed, count] = co_await stream_.async_read_some(into, as_values);
    if (failed) co_return failed;
    co_return count;
  }

  asio::awaitable<io_result> write(asio::const_buffer bytes) override {
    const auto [failed, count] = co_await asio::async_write(stream_, bytes, as_values);
    if (failed) co_return failed;
    co_return count;
  }

  void expires_at(std::chrono::steady_clock::time_point deadline) override {
    beast::get_lowest_layer(stream_).expires_at(deadline);
  }

  bool has_pending_input() override {
    if (has_undelivered_input(stream_)) return true;
    char byte = 0;
    const int socket = beast::get_lowest_layer(stream_).socket().native_handle();
    // 0 is the stream's end, -1 with EAGAIN the one answer that means "nothing".
    const auto count = ::recv(socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return count >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
  }

  asio::awaitable<secured_result> secured(handshake how) override {
    if constexpr (tls_layers<Stream>::value == tls_layers_max) {
      co_return handshake_failure{asio::error::operation_not_supported, {}, false};
    } else {
      co_return co_await shake_hands(std::move(stream_), std::move(how));
    }
  }

 private:
  // Its connection refers to it, so it goes last.
  std::shared_ptr<tls_sessions> sessions_;
  Stream stream_;
};

template <class Stream>
asio::awaitable<secured_result> shake_hands(Stream stream, handshake how) {
  using tls_stream = ssl::stream<Stream>;
  tls_stream tls{std::move(stream), *how.context};
  auto* const native = tls.native_handle();
  if (!expect_name(native, how.host)) {
    co_return handshake_failure{asio::error::invalid_argument, "no certificate can hold that name",
                                false};
  }
  if (how.sessions) how.sessions->prepare(native);
  beast::get_lowest_layer(tls).expires_at(how.deadline);
  const auto [failed] = co_await tls.async_handshake(ssl::stream_base::client, as_values);
  if (failed) co_return describe(failed, SSL_get_verify_result(native));
  if (how.sessions) how.sessions->established(native);
  co_return std::make_unique<stream_transport<tls_stream>>(std::move(tls), std::move(how.sessions));
}

}  // namespace

std::unique_ptr<transport> plain_transport(asio::ip::tcp::socket socket) {
  error_code ignored;
  socket.set_option(asio::ip::tcp::no_delay{true}, ignored);
  return std::make_unique<stream_transport<beast::tcp_stream>>(
      beast::tcp_stream{std::move(socket)});
}

}  // namespace ingestor::http
