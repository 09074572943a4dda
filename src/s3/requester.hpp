// One request after the other to one bucket: signed, paced, counted, and made again where that may
// help.
//
// What is put right on the way, once each for an operation: credentials that S3 takes for expired,
// a clock that is not S3's, a region that is not the bucket's. Redirects are never followed: only
// the region that they name is heeded, so a request goes to AWS or to the configured endpoint and
// nowhere else.
#pragma once

#include "http/client.hpp"
#include "s3/client_options.hpp"
#include "s3/pacer.hpp"
#include "s3/proto/address.hpp"
#include "s3/types.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>

namespace ingestor::s3 {

/// The attempts at one operation.
struct attempts {
  explicit attempts(int most) : at_most{most} {}

  /// The first included.
  int at_most;
  /// Those that have failed and count: a correction is none.
  int failed = 0;
  /// What the last retry took from the budget.
  int taken = 0;
  bool credentials_renewed = false;
  bool clock_corrected = false;
  bool region_corrected = false;
  /// How the last one was signed.
  credentials signed_by;
  std::chrono::seconds signed_offset{};
  std::string signed_region;
};

/// Owned by a shared_ptr, which parts that are fetched ahead hold too.
class requester : public std::enable_shared_from_this<requester> {
 public:
  requester(const boost::asio::any_io_executor& executor, client_options options);
  requester(const requester&) = delete;
  requester& operator=(const requester&) = delete;
  ~requester() = default;

  const client_options& options() const { return options_; }

  /// What is asked, for errors.
  error about(std::string_view operation, std::string_view key) const;

  /// Why no request can be made with these settings.
  std::optional<error> unusable(std::string_view operation) const;

  /// The same request may be built for another address.
  using build = std::function<aws::unsigned_request(const proto::address&)>;

  /// Sends once. What is not a success has been read to its end and is an error.
  boost::asio::awaitable<result<http::client_response>> send(const error& about, const build& make,
                                                             attempts& so_far);

  /// After a failure: puts right what can be, or waits as the policy says. False: give up.
  boost::asio::awaitable<bool> again(attempts& so_far, const error& failure);

  void succeeded(const attempts& so_far) { budget_.succeeded(so_far.taken); }

  /// S3 has said in the body of a 200 that it is too much.
  void slowed(std::chrono::steady_clock::time_point asked, const error& failure);

  /// Tells the request that was sent at `asked`.
  void report(std::string_view operation, std::chrono::steady_clock::time_point asked,
              int http_status, std::string_view key = {}) const;
  void report(std::string_view operation, std::chrono::steady_clock::time_point asked,
              const error& failure) const;

  /// The right to hold one part of an object in memory.
  class part_place {
   public:
    explicit part_place(std::shared_ptr<requester> of) : of_{std::move(of)} { ++of_->parts_; }
    part_place(part_place&&) noexcept = default;
    part_place& operator=(part_place&&) = delete;
    part_place(const part_place&) = delete;
    part_place& operator=(const part_place&) = delete;
    ~part_place() {
      if (of_) --of_->parts_;
    }

   private:
    std::shared_ptr<requester> of_;
  };

  /// Parts of all objects together.
  static constexpr std::size_t parts_max = 8;

  /// Nothing when all places are taken.
  std::optional<part_place> take_part_place();
  std::size_t parts() const { return parts_; }

  const boost::asio::any_io_executor& executor() const { return executor_; }
  http::connection_pool::statistics connections() const;

 private:
  /// Kept by each request that is under way: a correction of the region replaces it.
  struct destination {
    proto::address where;
    http::client http;
  };

  result<std::shared_ptr<destination>> destination_in(const std::string& region);
  std::chrono::sys_seconds now() const;
  bool correct(attempts& so_far, const error& failure);
  bool correct_clock(attempts& so_far, const error& failure);
  bool correct_region(attempts& so_far, const error& failure);
  void note(std::string what) const;

  boost::asio::any_io_executor executor_;
  client_options options_;
  proto::address_terms terms_;
  std::shared_ptr<boost::asio::ssl::context> tls_;
  std::shared_ptr<destination> to_;  // null while `misconfigured_` says why
  std::optional<std::string> misconfigured_;
  std::shared_ptr<pacer> pacer_;
  proto::retry_budget budget_;
  std::size_t parts_ = 0;
  std::chrono::seconds clock_offset_{};  // S3's clock minus ours
  std::mt19937 jitter_{std::random_device{}()};
};

}  // namespace ingestor::s3
