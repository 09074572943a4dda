// COPY … FROM STDIN (FORMAT binary) as a stream.
#pragma once

#include "base/bytes.hpp"
#include "pg/connection.hpp"
#include "pg/fsm/copy_in.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace ingestor::pg {

/// Between begin() and the end of finish() or abort() the connection belongs to the writer and must
/// outlive it. A writer that is dropped before closes the connection, which makes the server roll
/// back: a COPY cannot end well by accident.
///
/// After an error of the server (any error but of category timeout, connection, protocol violation)
/// the COPY is over and the connection usable again. While a COPY is open no time-out of the server
/// applies, so do not keep one open while waiting for something else.
class copy_writer {
 public:
  using duration = connection::duration;

  /// `columns`: how many each row has, to be compared with what the server expects.
  static boost::asio::awaitable<result<copy_writer>> begin(
      connection& on, std::string_view name, std::string_view sql, duration timeout,
      std::optional<std::size_t> columns = std::nullopt);

  copy_writer(const copy_writer&) = delete;
  copy_writer& operator=(const copy_writer&) = delete;
  copy_writer(copy_writer&&) noexcept = default;
  copy_writer& operator=(copy_writer&&) = delete;
  ~copy_writer() = default;

  /// Any part of the stream, cut wherever it suits. Reads while it writes.
  boost::asio::awaitable<result<void>> write(const_bytes data, duration timeout);

  /// Says that the data is complete, and how many rows the server counted.
  boost::asio::awaitable<result<std::uint64_t>> finish(duration timeout);

  /// Makes the server forget the rows; the connection is usable afterwards (its transaction, if
  /// there is one, has failed).
  boost::asio::awaitable<result<void>> abort(std::string_view reason, duration timeout);

 private:
  /// One COPY under way; its destructor is what makes dropping a writer safe.
  struct copy;
  struct copy_closer {
    void operator()(copy* one) const;
  };

  explicit copy_writer(std::unique_ptr<copy, copy_closer> one) : copy_{std::move(one)} {}
  boost::asio::awaitable<result<void>> end(const_bytes message, duration timeout);

  std::unique_ptr<copy, copy_closer> copy_;
};

}  // namespace ingestor::pg
