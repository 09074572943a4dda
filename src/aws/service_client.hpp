// One service that gives or explains credentials, asked by small requests with small answers.
#pragma once

#include "aws/error.hpp"
#include "aws/limits.hpp"
#include "aws/proto/endpoint.hpp"
#include "aws/proto/request.hpp"
#include "http/client.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <memory>
#include <string>
#include <vector>

namespace ingestor::aws {

/// More than any of them has reason to send.
inline constexpr std::size_t answer_bytes_max = std::size_t{64} * 1024;

struct service_request {
  std::string method;
  std::string target;
  std::vector<name_value> headers;  ///< `host` among them
  std::string body;
};

struct service_answer {
  unsigned status = 0;
  std::string date;  ///< the header, as it is
  std::string body;
};

/// Must outlive its operations.
class service_client {
 public:
  /// `ca_bundle` as in http::client_tls().
  static result<std::unique_ptr<service_client>> make(const boost::asio::any_io_executor& executor,
                                                      const endpoint& where,
                                                      const std::string& ca_bundle,
                                                      const call_limits& within,
                                                      const http::proxy_settings& proxies = {});

  /// One attempt: an answer of any status. Cancellation ends it at once.
  boost::asio::awaitable<result<service_answer>> call(service_request request);

  /// Whether the service has ever taken a connection.
  bool connected() const { return http_.stats().connected > 0; }

  service_client(const boost::asio::any_io_executor& executor, http::client_options options,
                 const call_limits& within);

 private:
  http::client http_;
  call_limits within_;
};

}  // namespace ingestor::aws
