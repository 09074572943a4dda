// GetObject until the head of its answer is there.
#pragma once

#include "http/client_response.hpp"
#include "s3/proto/checksum.hpp"
#include "s3/proto/get_object.hpp"
#include "s3/requester.hpp"
#include "s3/types.hpp"

#include <boost/asio/awaitable.hpp>

#include <memory>

namespace ingestor::s3 {

struct opened_object {
  http::client_response body;
  proto::object_facts facts;
  /// What the whole body must come to; null where S3 has stored none, or only a part was asked for.
  std::unique_ptr<proto::checksum> expected;
  /// What was asked and answered, for errors about the body.
  error about;
};

/// Made again as the policy says.
boost::asio::awaitable<result<opened_object>> open_object(requester& on,
                                                          proto::get_object_query query);

}  // namespace ingestor::s3
