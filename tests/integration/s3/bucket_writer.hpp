// Makes buckets and objects for tests: the program itself only reads.
#pragma once

#include "aws/proto/sigv4.hpp"
#include "http/client.hpp"
#include "s3/proto/address.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <string>
#include <string_view>

namespace ingestor::testing_support {

/// The answer to a request that writes: 200, or what the server has against it.
struct write_outcome {
  unsigned status = 0;  ///< 0: no answer
  std::string words;
};

class bucket_writer {
 public:
  bucket_writer(boost::asio::any_io_executor executor, s3::proto::address where, std::string region,
                aws::credentials creds);

  boost::asio::awaitable<write_outcome> create_bucket();
  /// `body` must outlive the call.
  boost::asio::awaitable<write_outcome> put(std::string key, std::string_view body);

 private:
  boost::asio::awaitable<write_outcome> send(aws::unsigned_request request, std::string_view body);

  s3::proto::address where_;
  std::string region_;
  aws::credentials creds_;
  http::client http_;
};

}  // namespace ingestor::testing_support
