#include "http/transport.hpp"

#include "http/awaiting.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <cerrno>
#include <sys/socket.h>
#include <utility>

namespace ingestor::http {
namespace {

namespace asio = boost::asio;
namespace ssl = boost::asio::ssl;
namespace beast = boost::beast;
using boost::system::error_code;

using tls_stream = beast::ssl_stream<beast::tcp_stream>;

template <class Stream>
class stream_transport final : public transport {
 public:
  explicit stream_transport(Stream stream) : stream_{std::move(stream)} {}

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
    char byte = 0;
    const int socket = beast::get_lowest_layer(stream_).socket().native_handle();
    // 0 is the stream's end, -1 with EAGAIN the one answer that means "nothing".
    const auto count = ::recv(socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return count >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
  }

 private:
  Stream stream_;
};

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

}  // namespace

std::unique_ptr<transport> plain_transport(beast::tcp_stream stream) {
  return std::make_unique<stream_transport<beast::tcp_stream>>(std::move(stream));
}

asio::awaitable<ingestor::result<std::unique_ptr<transport>, error_code>> tls_transport(
    beast::tcp_stream stream, std::shared_ptr<ssl::context> context, std::string host,
    std::chrono::steady_clock::time_point deadline, std::string& why_not_trusted) {
  tls_stream tls{std::move(stream), *context};
  auto* const native = tls.native_handle();
  // RFC 6066, section 3: no addresses in SNI.
  if (!is_address(host)) set_sni(native, host);
  tls.set_verify_callback(ssl::host_name_verification{host});
  beast::get_lowest_layer(tls).expires_at(deadline);
  const auto [failed] = co_await tls.async_handshake(ssl::stream_base::client, as_values);
  if (failed) {
    const auto verdict = SSL_get_verify_result(native);
    if (verdict != X509_V_OK) why_not_trusted = X509_verify_cert_error_string(verdict);
    co_return failed;
  }
  co_return std::make_unique<stream_transport<tls_stream>>(std::move(tls));
}

}  // namespace ingestor::http
