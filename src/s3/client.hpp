// One bucket: its listing, page by page, and its objects, as streams.
//
// Requests that fail for a passing reason are made again as retry_policy says, within a budget that
// all of them share; bodies that break off go on where they did. When S3 asks to slow down, all
// requests of this client do. All of it on the executor's one thread.
#pragma once

#include "s3/client_options.hpp"
#include "s3/object_stream.hpp"
#include "s3/requester.hpp"
#include "s3/types.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <string>

namespace ingestor::s3 {

