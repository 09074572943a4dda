#include "s3/requester.hpp"

#include "aws/proto/endpoint.hpp"
#include "http/awaiting.hpp"
#include "http/tls_context.hpp"
#include "s3/proto/error_response.hpp"
#include "s3/transport_error.hpp"

#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace ingestor::s3 {
namespace {

namespace asio = boost::asio;
using std::chrono::steady_clock;

http::client_options http_options(const client_options& options, const aws::endpoint& where,
                                  const std::shared_ptr<asio::ssl::context>& tls) {
  http::client_options out;
  out.pool.where = {where.tls, where.host, where.port};
  out.pool.via = http::proxy_for(out.pool.where, options.proxies);
  out.pool.tls = tls;
  out.pool.connections_max = options.connections_max;
  out.pool.connect_timeout = options.connect_timeout;
  out.body.piece_bytes = options.piece_bytes;
  out.body.stall_timeout = options.stall_timeout;
  out.first_byte_timeout = options.first_byte_timeout;
  return out;
}

proto::answer_head head_of(const http::client_response& response) {
  return {.status = static_cast<int>(response.status()),
          .reason = response.reason(),
          .request_id = response.header("x-amz-request-id"),
          .bucket_region = response.header("x-amz-bucket-region"),
          .retry_after = response.header("retry-after"),
          .date = response.header("date")};
}

error credentials_error(error about, const aws::error& why) {
  about.kind = error_kind::credentials;
  if (why.kind == aws::error_kind::cancelled) about.kind = error_kind::cancelled;
  if (why.kind == aws::error_kind::configuration) about.kind = error_kind::configuration;
  about.message = why.message;
  return about;
}

error no_turn(error about, pacer::ending why) {
  const bool cancelled = why == pacer::ending::cancelled;
  about.kind = cancelled ? error_kind::cancelled : error_kind::throttled;
  about.message = cancelled ? "waiting for its turn was stopped"
                            : "S3 has asked to slow down, and no turn came in " +
                                  std::to_string(pacer::turn_max.count()) + " s";
  return about;
}

/// A label of few values: the status where it tells the failure, else the kind.
std::string code_of(const error& failure) {
  if (failure.http_status >= 300) return std::to_string(failure.http_status);
  return std::string{proto::name_of(failure.kind)};
}

bool says_that_the_clock_is_wrong(const error& failure) {
  constexpr std::array<std::string_view, 3> codes{"RequestTimeTooSkewed", "RequestExpired",
                                                  "RequestInTheFuture"};
  return std::find(codes.begin(), codes.end(), failure.code) != codes.end();
}

}  // namespace

requester::requester(const asio::any_io_executor& executor, client_options options)
    : executor_{executor}, options_{std::move(options)}, pacer_{std::make_shared<pacer>(executor)} {
  terms_.dual_stack = options_.dual_stack;
  terms_.fips = options_.fips;
  terms_.requester_pays = options_.requester_pays;
  if (options_.endpoint) {
    const auto parsed = aws::parse_endpoint(*options_.endpoint);
    if (!parsed) {
      misconfigured_ = "AWS_ENDPOINT is not usable: " + parsed.error();
      return;
    }
    terms_.custom = *parsed;
  }
  auto first = destination_in(options_.region);
  if (first) {
    to_ = std::move(*first);
  } else {
    misconfigured_ = first.error().message;
  }
}

result<std::shared_ptr<requester::destination>> requester::destination_in(
    const std::string& region) {
  error wrong;
  wrong.kind = error_kind::configuration;
  auto where = proto::address_bucket(options_.bucket, region, terms_);
  if (!where) {
    wrong.message = where.error();
    return wrong;
  }
  const bool tls_proxy = options_.proxies.for_http && options_.proxies.for_http->where.tls;
  if ((where->where.tls || tls_proxy) && tls_ == nullptr) {
    auto tls = http::client_tls(options_.ca_bundle);
    if (!tls) {
      wrong.message = "AWS_CA_BUNDLE is not usable: " + tls.error().message;
      return wrong;
    }
    tls_ = std::move(*tls);
  }
  auto http = http_options(options_, where->where, tls_);
  return std::make_shared<destination>(
      destination{std::move(*where), http::client{executor_, std::move(http)}});
}

error requester::about(std::string_view operation, std::string_view key) const {
  error out;
  out.operation = operation;
  out.bucket = options_.bucket;
  out.key = key;
  if (!to_) return out;
  out.endpoint = aws::url_of(to_->where.where);
  out.partition = to_->where.partition;
  out.requester_pays = to_->where.requester_pays;
  return out;
}

std::optional<error> requester::unusable(std::string_view operation) const {
  if (!misconfigured_) return std::nullopt;
  auto out = about(operation, {});
  out.kind = error_kind::configuration;
  out.message = *misconfigured_;
  return out;
}

std::chrono::sys_seconds requester::now() const {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()) + clock_offset_;
}

asio::awaitable<result<http::client_response>> requester::send(const error& about,
                                                               const build& make,
                                                               attempts& so_far) {
  auto creds = co_await options_.creds->get();
  if (!creds) co_return credentials_error(about, creds.error());
  const auto turn = co_await pacer_->turn();
  if (turn != pacer::ending::mine) co_return no_turn(about, turn);

  const auto asked = steady_clock::now();
  const auto to = to_;
  so_far.signed_by = std::move(*creds);
  so_far.signed_offset = clock_offset_;
  so_far.signed_region = to->where.region;
  auto request = make(to->where);
  const aws::signing_scope scope{to->where.region, "s3", now()};
  aws::sign_for_s3(request, aws::empty_payload_sha256, so_far.signed_by, scope);
  http::client_request http_request;
  http_request.target = aws::target_of(request);
  http_request.method = std::move(request.method);
  http_request.headers = std::move(request.headers);

  auto response = co_await to->http.send(std::move(http_request));
  if (!response) co_return transport_error(about, response.error());
  if (response->status() < 300) {
    pacer_->succeeded();
    co_return std::move(*response);
  }
  auto body = co_await http::read_all(*response, proto::error_body_bytes_max);
  // A body that cannot be read leaves the status, which says enough.
  auto failure =
      proto::read_error(about, head_of(*response), body ? std::move(*body) : std::string{});
  if (failure.kind == error_kind::throttled) {
    slowed(asked, failure);
  } else if (failure.http_status < 500) {
    pacer_->succeeded();
  }
  co_return failure;
}

void requester::slowed(steady_clock::time_point asked, const error& failure) {
  pacer_->throttled(asked, failure.retry_after);
}

asio::awaitable<bool> requester::again(attempts& so_far, const error& failure) {
  // A cancelled coroutine cannot await any more, not even to be told that it should give up.
  if (correct(so_far, failure)) co_return true;
  ++so_far.failed;
  const double jitter = std::uniform_real_distribution<double>{0.0, 1.0}(jitter_);
  auto policy = options_.retry;
  policy.attempts_max = so_far.at_most;
  const auto wait = proto::wait_before_retry(policy, so_far.failed, failure, jitter);
  if (!wait) co_return false;
  const auto taken = budget_.take(failure);
  if (!taken) co_return false;
  so_far.taken = *taken;
  asio::steady_timer timer{executor_, *wait};
  const auto [cancelled] = co_await timer.async_wait(http::as_values);
  co_return !cancelled;
}

bool requester::correct(attempts& so_far, const error& failure) {
  if (failure.http_status == 0) return false;
  if (failure.kind == error_kind::credentials && !so_far.credentials_renewed) {
    so_far.credentials_renewed = true;
    return options_.creds->refused(so_far.signed_by);
  }
  return correct_clock(so_far, failure) || correct_region(so_far, failure);
}

bool requester::correct_clock(attempts& so_far, const error& failure) {
  if (so_far.clock_corrected || !says_that_the_clock_is_wrong(failure)) return false;
  so_far.clock_corrected = true;
  // Another request may have been told before.
  if (so_far.signed_offset != clock_offset_) return true;
  if (!failure.server_time) return false;
  const auto server = std::chrono::floor<std::chrono::seconds>(*failure.server_time);
  clock_offset_ += server - now();
  note("this machine's clock differs from S3's by " +
       std::to_string(std::abs(clock_offset_.count())) + " s; requests are signed with S3's");
  return true;
}

bool requester::correct_region(attempts& so_far, const error& failure) {
  const auto& region = failure.bucket_region;
  const bool elsewhere = failure.kind == error_kind::redirect && !region.empty();
  if (so_far.region_corrected || !elsewhere || region == so_far.signed_region) return false;
  so_far.region_corrected = true;
  if (so_far.signed_region != to_->where.region) return true;
  auto there = destination_in(region);
  if (!there) return false;
  to_ = std::move(*there);
  note("the bucket is in " + region + "; AWS_REGION says " + options_.region);
  return true;
}

void requester::note(std::string what) const {
  if (options_.on_correction) options_.on_correction(std::move(what));
}

void requester::report(std::string_view operation, steady_clock::time_point asked, int http_status,
                       std::string_view key) const {
  if (!options_.on_request) return;
  const request_outcome outcome{operation, std::to_string(http_status), steady_clock::now() - asked,
                                false, key};
  options_.on_request(outcome);
}

void requester::report(std::string_view operation, steady_clock::time_point asked,
                       const error& failure) const {
  if (!options_.on_request) return;
  const request_outcome outcome{operation, code_of(failure), steady_clock::now() - asked,
                                failure.kind == error_kind::throttled, failure.key};
  options_.on_request(outcome);
}

std::optional<requester::part_place> requester::take_part_place() {
  if (parts_ >= parts_max) return std::nullopt;
  return part_place{shared_from_this()};
}

http::connection_pool::statistics requester::connections() const {
  return to_ ? to_->http.stats() : http::connection_pool::statistics{};
}

}  // namespace ingestor::s3
