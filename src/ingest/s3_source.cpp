#include "ingest/s3_source.hpp"

#include <utility>

namespace ingestor::ingest {

namespace asio = boost::asio;

s3_source::s3_source(s3::client& client, std::string key, std::string etag)
    : client_{client}, key_{std::move(key)}, etag_{std::move(etag)} {}

asio::awaitable<result<void, failure>> s3_source::open() {
  body_.reset();
  auto opened = co_await client_.get_object(key_, etag_);
  if (!opened) co_return from_s3(opened.error());
  body_.emplace(std::move(*opened));
  if (etag_.empty()) etag_ = body_->etag();
  co_return result<void, failure>{};
}

timestamp s3_source::last_modified() const {
  return body_->last_modified();
}

asio::awaitable<result<const_bytes, failure>> s3_source::read() {
  const auto piece = co_await body_->read();
  if (!piece) co_return from_s3(piece.error());
  co_return *piece;
}

}  // namespace ingestor::ingest
