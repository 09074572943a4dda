#include "s3/object_stream.hpp"

#include "s3/transport_error.hpp"

#include <utility>

namespace ingestor::s3 {

object_stream::object_stream(http::client_response body, proto::object_facts facts, error about)
    : body_{std::move(body)}, facts_{std::move(facts)}, about_{std::move(about)} {}

boost::asio::awaitable<result<const_bytes>> object_stream::read() {
  const auto piece = co_await body_.read();
  if (!piece) co_return transport_error(about_, piece.error());
  co_return *piece;
}

}  // namespace ingestor::s3
