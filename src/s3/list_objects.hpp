// ListObjectsV2: one page.
#pragma once

#include "s3/proto/list_objects.hpp"
#include "s3/requester.hpp"
#include "s3/types.hpp"

#include <boost/asio/awaitable.hpp>

#include <string>

namespace ingestor::s3 {

/// Made again as the policy says, as a whole.
boost::asio::awaitable<result<list_page>> list_objects(requester& on, std::string prefix,
                                                       list_position from, int max_keys);

}  // namespace ingestor::s3
