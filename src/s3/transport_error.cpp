#include "s3/transport_error.hpp"

#include <utility>

namespace ingestor::s3 {
namespace {

error_kind kind_of(http::error_kind kind) {
  switch (kind) {
    case http::error_kind::resolve:
    case http::error_kind::connect:
    case http::error_kind::tls:
    case http::error_kind::closed:
      return error_kind::connection;
    case http::error_kind::timeout:
    case http::error_kind::busy:
      return error_kind::timeout;
    case http::error_kind::protocol:
    case http::error_kind::limit:
      return error_kind::protocol;
    case http::error_kind::authority:
      return error_kind::authority;
    case http::error_kind::certificate:
      return error_kind::certificate;
    case http::error_kind::invalid:
    case http::error_kind::proxy:
    case http::error_kind::configuration:
      return error_kind::configuration;
    case http::error_kind::cancelled:
      return error_kind::cancelled;
  }
  return error_kind::protocol;
}

}  // namespace

error transport_error(error about, const http::error& why) {
  about.kind = kind_of(why.kind);
  about.message = why.message;
  return about;
}

}  // namespace ingestor::s3
