#include "http/tunnel.hpp"

#include "http/answer_head.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/core/flat_buffer.hpp>

#include <cstddef>
#include <string>

namespace ingestor::http {
namespace {

namespace asio = boost::asio;

constexpr std::size_t receive_bytes_max = std::size_t{32} * 1024;

std::string connect_request(const origin& target, const proxy& via) {
  const auto authority = name_of(target);
  std::string out = "CONNECT " + authority + " HTTP/1.1\r\nHost: " + authority + "\r\n";
  if (!via.user_info.empty()) {
    out += "Proxy-Authorization: " + basic_authorization(via.user_info).reveal() + "\r\n";
  }
  return out + "\r\n";
}

error refusal(unsigned status, const proxy& via, const origin& target) {
  if (status == 407) return wants_authentication(via, target);
  // 408 and 429 pass, and so does what the proxy says about others.
  const bool passes = status == 408 || status == 429 || status >= 500;
  return {passes ? error_kind::connect : error_kind::proxy,
          name_of(via, target) + " gave no way to " + name_of(target) + ": HTTP " +
              std::to_string(status)};
}

}  // namespace

error wants_authentication(const proxy& via, const origin& target) {
  return {error_kind::proxy,
          name_of(via, target) + (via.user_info.empty()
                                      ? " wants a user and a password in its URL: HTTP 407"
                                      : " refuses the user or the password in its URL: HTTP 407")};
}

asio::awaitable<result<void>> open_tunnel(transport& through, origin target, proxy via,
                                          std::chrono::steady_clock::time_point deadline) {
  const auto name = name_of(via, target);
  const auto request = connect_request(target, via);
  through.expires_at(deadline);
  const auto written = co_await through.write(asio::buffer(request));
  if (!written) co_return io_error(written.error(), "sending a request to " + name);
  boost::beast::flat_buffer received{receive_bytes_max};
  const header_limits limits;
  const auto whose = "the answer of " + name;
  const auto answer = co_await read_answer_head(through, received, limits, true, whose);
  if (!answer) co_return answer.error();
  const auto status = (*answer)->get().result_int();
  if (status >= 300) co_return refusal(status, via, target);
  if (received.size() > 0) {
    co_return error{error_kind::protocol, name + " sent bytes before its target was asked"};
  }
  co_return result<void>{};
}

}  // namespace ingestor::http
