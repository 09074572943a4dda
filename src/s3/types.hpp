// The names of this layer: what its users see of s3/proto, and its result.
#pragma once

#include "aws/proto/sigv4.hpp"
#include "base/result.hpp"
#include "s3/proto/error.hpp"
#include "s3/proto/list_objects.hpp"
#include "s3/proto/permissions.hpp"
#include "s3/proto/retry.hpp"

namespace ingestor::s3 {

using aws::credentials;
using proto::error;
using proto::error_kind;
using proto::list_page;
using proto::list_position;
using proto::missing_permission;
using proto::object_summary;
using proto::permission_missing;
using proto::retry_policy;

template <class T>
using result = ingestor::result<T, error>;

}  // namespace ingestor::s3
