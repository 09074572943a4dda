// An object in S3, held to one version.
#pragma once

#include "ingest/byte_source.hpp"
#include "s3/client.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace ingestor::ingest {

class s3_source : public byte_source {
 public:
  /// `client` must outlive this. `etag` is that of the version that was listed; empty: whichever
  /// the first open() finds, and no other after it. `size` is what the listing gave for it, in
  /// bytes; a body of another length is a failure of the file.
  s3_source(s3::client& client, std::string key, std::string etag,
            std::optional<std::int64_t> size = std::nullopt);

  boost::asio::awaitable<result<void, failure>> open() override;
  timestamp last_modified() const override;
  boost::asio::awaitable<result<const_bytes, failure>> read() override;

 private:
  s3::client& client_;
  std::string key_;
  std::string etag_;
  std::optional<std::int64_t> size_;
  std::int64_t bytes_read_ = 0;
  std::optional<s3::object_stream> body_;
};

}  // namespace ingestor::ingest
