// Parts of one version of an object, several at a time, handed out in order.
//
// Where one connection is slower than the reader, more of them are quicker: S3 gives each some
// 50 MB/s at best, and far away, or through a proxy, much less.
#pragma once

#include "base/bytes.hpp"
#include "s3/requester.hpp"
#include "s3/types.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>

namespace ingestor::s3 {

class read_ahead {
 public:
  /// Bytes of a part, and so of its buffer.
  static constexpr std::int64_t part_bytes = std::int64_t{4} * 1024 * 1024;
  /// Parts of one object that are fetched or wait to be read.
  static constexpr std::size_t parts_max = 4;

  /// From `first` to before `end`, of the version `etag`.
  read_ahead(std::shared_ptr<requester> on, std::string key, std::string etag, std::int64_t first,
             std::int64_t end);
  read_ahead(const read_ahead&) = delete;
  read_ahead& operator=(const read_ahead&) = delete;
  /// What is under way is cancelled.
  ~read_ahead();

  /// How many parts there may be from now on; with 0 no further one is begun. Others of this
  /// process may have taken all the memory there is for parts, and then there are fewer.
  void want(std::size_t parts);
  std::size_t wanted() const { return wanted_; }

  /// The next piece, of at most client_options::piece_bytes, however much of its part is there;
  /// valid until the next read(). Empty: there are no more parts.
  boost::asio::awaitable<result<const_bytes>> read();

  /// Whether the next read() need not wait.
  bool input_pending() const;

 private:
  struct part;

  static boost::asio::awaitable<void> fetch_until_left(std::shared_ptr<requester> on,
                                                       std::shared_ptr<part> into);
  static boost::asio::awaitable<void> fetch(std::shared_ptr<requester> on,
                                            std::shared_ptr<part> into);
  void begin_parts();
  void drop_read();

  std::shared_ptr<requester> on_;
  std::string key_;
  std::string etag_;
  std::int64_t next_;  // where the next part will begin
  std::int64_t end_;
  std::size_t wanted_ = 0;
  std::deque<std::shared_ptr<part>> parts_;
  std::size_t read_ = 0;  // bytes of the first part
};

}  // namespace ingestor::s3
