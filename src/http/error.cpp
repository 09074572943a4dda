#include "http/error.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/http/error.hpp>

namespace ingestor::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;

error_kind kind_of(const boost::system::error_code& code) {
  if (code == beast::error::timeout) return error_kind::timeout;
  if (code == asio::error::operation_aborted) return error_kind::cancelled;
  if (code == beast::http::error::header_limit || code == beast::http::error::buffer_overflow) {
    return error_kind::limit;
  }
  const auto& http_category = beast::http::make_error_code(beast::http::error::bad_version);
  if (code.category() == http_category.category()) return error_kind::protocol;
  return error_kind::closed;
}

}  // namespace

error io_error(const boost::system::error_code& code, std::string_view doing) {
  const auto kind = kind_of(code);
  std::string message{doing};
  if (kind == error_kind::timeout) {
    message += " took too long";
  } else if (code == asio::error::eof) {
    message += " failed: the peer closed the connection";
  } else {
    message += " failed: " + code.message();
  }
  return {kind, std::move(message)};
}

}  // namespace ingestor::http
