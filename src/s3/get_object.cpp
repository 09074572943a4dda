#include "s3/get_object.hpp"

#include <utility>

namespace ingestor::s3 {
namespace {

namespace asio = boost::asio;

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

std::unique_ptr<proto::checksum> checksum_of(const http::client_response& response) {
  const auto type = response.header("x-amz-checksum-type");
  for (const auto header : proto::checksum_headers) {
    auto found = proto::expect_checksum(header, response.header(header), type);
    if (found) return found;
  }
  return nullptr;
}

result<opened_object> check(const proto::get_object_query& query, http::client_response response,
                            error answered) {
  answered.http_status = static_cast<int>(response.status());
  answered.request_id = response.header("x-amz-request-id");
  auto facts = proto::check_object_head(query, object_head_of(response), answered);
  if (!facts) return facts.error();
  if (response.ends_with_connection()) {
    answered.kind = error_kind::protocol;
    answered.message = "the answer has no Content-Length, so that a cut body could not be told";
    return answered;
  }
  auto expected = query.ranged() ? nullptr : checksum_of(response);
  return opened_object{std::move(response), std::move(*facts), std::move(expected),
                       std::move(answered)};
}

asio::awaitable<result<opened_object>> open_once(requester& on, const error& about,
                                                 const proto::get_object_query& query,
                                                 attempts& so_far) {
  const auto asked = std::chrono::steady_clock::now();
  const requester::build make = [&query](const proto::address& where) {
    return proto::get_object_request(where, query);
  };
  auto response = co_await on.send(about, make, so_far);
  auto opened = response ? check(query, std::move(*response), about)
                         : result<opened_object>{response.error()};
  if (opened) {
    on.report(proto::get_object_operation, asked, opened->about.http_status, query.key);
  } else {
    on.report(proto::get_object_operation, asked, opened.error());
  }
  co_return opened;
}

}  // namespace

asio::awaitable<result<opened_object>> open_object(requester& on, proto::get_object_query query) {
  if (auto never = on.unusable(proto::get_object_operation)) co_return std::move(*never);
  const auto about = on.about(proto::get_object_operation, query.key);
  attempts so_far{on.options().retry.attempts_max};
  for (;;) {
    auto opened = co_await open_once(on, about, query, so_far);
    if (opened) {
      on.succeeded(so_far);
      co_return opened;
    }
    if (opened.error().kind == error_kind::cancelled) co_return opened;
    const bool again = co_await on.again(so_far, opened.error());
    if (!again) co_return opened;
  }
}

}  // namespace ingestor::s3
