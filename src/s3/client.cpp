#include "s3/client.hpp"

#include "aws/proto/xml.hpp"
#include "http/awaiting.hpp"
#include "http/tls_context.hpp"
#include "s3/proto/error_response.hpp"
#include "s3/transport_error.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>

#include <utility>

namespace ingestor::s3 {
namespace {

namespace asio = boost::asio;
using std::chrono::steady_clock;

http::client_options http_options(const client_options& options, const aws::endpoint& where) {
  http::client_options out;
  out.pool.where = {where.tls, where.host, where.port};
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
          .retry_after = response.header("retry-after")};
}

proto::object_head object_head_of(const http::client_response& response) {
  proto::object_head out{.status = static_cast<int>(response.status()),
                         .content_range = response.header("content-range"),
                         .etag = response.header("etag"),
                         .last_modified = response.header("last-modified")};
  if (const auto length = response.content_length()) {
    out.content_length = static_cast<std::int64_t>(*length);
  }
  return out;
}

error credentials_error(error about, const aws::error& why) {
  const bool cancelled = why.kind == aws::error_kind::cancelled;
  about.kind = cancelled ? error_kind::cancelled : error_kind::credentials;
  about.message = why.message;
  return about;
}

/// A label of few values: the status where it tells the failure, else the kind.
std::string code_of(const error& failure) {
  if (failure.http_status >= 300) return std::to_string(failure.http_status);
  return std::string{proto::name_of(failure.kind)};
}

}  // namespace

client::client(const asio::any_io_executor& executor, client_options options)
    : options_{std::move(options)} {
  set_up(executor);
}

void client::set_up(const asio::any_io_executor& executor) {
  proto::address_terms terms{.dual_stack = options_.dual_stack,
                             .fips = options_.fips,
                             .requester_pays = options_.requester_pays};
  if (options_.endpoint) {
    const auto parsed = aws::parse_endpoint(*options_.endpoint);
    if (!parsed) {
      misconfigured_ = "AWS_ENDPOINT is not usable: " + parsed.error();
      return;
    }
    terms.custom = *parsed;
  }
  const auto where = proto::address_bucket(options_.bucket, options_.region, terms);
  if (!where) {
    misconfigured_ = where.error();
    return;
  }
  auto http = http_options(options_, where->where);
  if (where->where.tls) {
    const auto tls = http::client_tls(options_.ca_bundle);
    if (!tls) {
      misconfigured_ = "AWS_CA_BUNDLE is not usable: " + tls.error().message;
      return;
    }
    http.pool.tls = *tls;
  }
  ready_ = std::make_unique<ready>(ready{*where, http::client{executor, std::move(http)}});
}

error client::about(std::string_view operation, std::string_view key) const {
  error out;
  out.operation = operation;
  out.bucket = options_.bucket;
  out.key = key;
  if (!ready_) return out;
  out.endpoint = aws::url_of(ready_->where.where);
  out.partition = ready_->where.partition;
  out.requester_pays = ready_->where.requester_pays;
  return out;
}

std::optional<error> client::unusable(std::string_view operation) const {
  if (!misconfigured_) return std::nullopt;
  auto out = about(operation, {});
  out.kind = error_kind::configuration;
  out.message = *misconfigured_;
  return out;
}

asio::awaitable<result<list_page>> client::list_objects_v2(std::string prefix, list_position from,
                                                           int max_keys) {
  const auto operation = proto::list_objects_operation;
  if (auto never = unusable(operation)) co_return std::move(*never);
  const auto asked = about(operation, {});
  for (int attempt = 1;; ++attempt) {
    auto page = co_await list_once(asked, prefix, from, max_keys);
    // A cancelled coroutine cannot await any more, not even to be told that it should give up.
    if (page || !page.error().transient()) co_return page;
    const bool again = co_await wait_for_retry(attempt, page.error());
    if (!again) co_return page;
  }
}

asio::awaitable<result<object_stream>> client::get_object(std::string key, std::string if_match,
                                                          std::int64_t first_byte) {
  const auto operation = proto::get_object_operation;
  if (auto never = unusable(operation)) co_return std::move(*never);
  const auto asked = about(operation, key);
  const proto::get_object_query query{std::move(key), std::move(if_match), first_byte};
  for (int attempt = 1;; ++attempt) {
    auto opened = co_await get_once(asked, query);
    if (opened || !opened.error().transient()) co_return opened;
    const bool again = co_await wait_for_retry(attempt, opened.error());
    if (!again) co_return opened;
  }
}

asio::awaitable<result<void>> client::check_bucket(std::string prefix) {
  const list_position from_the_start;
  const auto page = co_await list_objects_v2(std::move(prefix), from_the_start, 1);
  if (!page) co_return page.error();
  co_return result<void>{};
}

http::connection_pool::statistics client::connections() const {
  return ready_ ? ready_->http.stats() : http::connection_pool::statistics{};
}

/// Signs and sends, once. What is not a success has been read to its end and is an error.
asio::awaitable<result<http::client_response>> client::open(const error& about,
                                                            aws::unsigned_request request) {
  const auto creds = co_await options_.creds->get();
  if (!creds) co_return credentials_error(about, creds.error());
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  const aws::signing_scope scope{ready_->where.region, "s3", now};
  aws::sign_for_s3(request, aws::empty_payload_sha256, *creds, scope);
  http::client_request http_request;
  http_request.target = aws::target_of(request);
  http_request.method = std::move(request.method);
  http_request.headers = std::move(request.headers);

  auto response = co_await ready_->http.send(std::move(http_request));
  if (!response) co_return transport_error(about, response.error());
  if (response->status() < 300) co_return std::move(*response);
  auto body = co_await http::read_all(*response, proto::error_body_bytes_max);
  // A body that cannot be read leaves the status, which says enough.
  co_return proto::read_error(about, head_of(*response), body ? std::move(*body) : std::string{});
}

asio::awaitable<result<list_page>> client::list_once(const error& about, std::string_view prefix,
                                                     const list_position& from, int max_keys) {
  const auto begun = steady_clock::now();
  auto request = proto::list_objects_request(ready_->where, prefix, from, max_keys);
  auto response = co_await open(about, std::move(request));
  if (!response) {
    report(proto::list_objects_operation, begun, code_of(response.error()));
    co_return response.error();
  }
  auto answered = about;
  answered.http_status = static_cast<int>(response->status());
  answered.request_id = response->header("x-amz-request-id");
  auto body = co_await http::read_all(*response, aws::xml_limits{}.bytes_max);
  auto page = body ? proto::parse_list_page(std::move(*body), from, answered)
                   : result<list_page>{transport_error(answered, body.error())};
  report(proto::list_objects_operation, begun,
         page ? std::to_string(answered.http_status) : code_of(page.error()));
  co_return page;
}

asio::awaitable<result<object_stream>> client::get_once(const error& about,
                                                        const proto::get_object_query& query) {
  const auto begun = steady_clock::now();
  auto request = proto::get_object_request(ready_->where, query);
  auto response = co_await open(about, std::move(request));
  if (!response) {
    report(proto::get_object_operation, begun, code_of(response.error()));
    co_return response.error();
  }
  auto answered = about;
  answered.http_status = static_cast<int>(response->status());
  answered.request_id = response->header("x-amz-request-id");
  auto facts = proto::check_object_head(query, object_head_of(*response), answered);
  if (facts && response->ends_with_connection()) {
    answered.kind = error_kind::protocol;
    answered.message = "the answer has no Content-Length, so that a cut body could not be told";
    facts = answered;
  }
  report(proto::get_object_operation, begun,
         facts ? std::to_string(answered.http_status) : code_of(facts.error()));
  if (!facts) co_return facts.error();
  co_return object_stream{std::move(*response), std::move(*facts), std::move(answered)};
}

/// Waits as the policy says; false: give up.
asio::awaitable<bool> client::wait_for_retry(int attempt, const error& failure) {
  const double jitter = std::uniform_real_distribution<double>{0.0, 1.0}(jitter_);
  const auto wait = proto::wait_before_retry(options_.retry, attempt, failure, jitter);
  if (!wait) co_return false;
  const auto executor = co_await asio::this_coro::executor;
  asio::steady_timer timer{executor, *wait};
  const auto [cancelled] = co_await timer.async_wait(http::as_values);
  co_return !cancelled;
}

void client::report(std::string_view operation, steady_clock::time_point begun,
                    std::string code) const {
  if (!options_.on_request) return;
  options_.on_request({operation, std::move(code), steady_clock::now() - begun});
}

}  // namespace ingestor::s3
