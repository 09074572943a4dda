#include "ingest/s3_source.hpp"

#include <utility>

namespace ingestor::ingest {

namespace asio = boost::asio;

namespace {

// A body that was cut, and then kept or passed on as if it were whole, has the right ETag and is in
// itself without fault.
failure other_length(std::int64_t bytes, std::int64_t listed) {
  return {failure_kind::file, stage::fetch,
          "S3 gave an object of the length " + std::to_string(bytes) + ", and had listed it with " +
              std::to_string(listed) + " bytes; check that no proxy changes its answers"};
}

}  // namespace

s3_source::s3_source(s3::client& client, std::string key, std::string etag,
                     std::optional<std::int64_t> size)
    : client_{client}, key_{std::move(key)}, etag_{std::move(etag)}, size_{size} {}

asio::awaitable<result<void, failure>> s3_source::open() {
  body_.reset();
  bytes_read_ = 0;
  auto opened = co_await client_.get_object(key_, etag_);
  if (!opened) co_return from_s3(opened.error());
  body_.emplace(std::move(*opened));
  if (etag_.empty()) etag_ = body_->etag();
  const auto length = body_->content_length();
  if (size_ && length >= 0 && length != *size_) co_return other_length(length, *size_);
  co_return result<void, failure>{};
}

timestamp s3_source::last_modified() const {
  return body_->last_modified();
}

asio::awaitable<result<const_bytes, failure>> s3_source::read() {
  const auto piece = co_await body_->read();
  if (!piece) co_return from_s3(piece.error());
  bytes_read_ += static_cast<std::int64_t>(piece->size());
  if (size_ && piece->empty() && bytes_read_ != *size_) {
    co_return other_length(bytes_read_, *size_);
  }
  co_return *piece;
}

}  // namespace ingestor::ingest
