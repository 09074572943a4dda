#include "s3/list_objects.hpp"

#include "aws/proto/xml.hpp"
#include "s3/transport_error.hpp"

#include <utility>

namespace ingestor::s3 {
namespace {

namespace asio = boost::asio;

struct question {
  const std::string& prefix;
  const list_position& from;
  int max_keys;
};

asio::awaitable<result<list_page>> read_page(http::client_response& response, const question& asked,
                                             error answered) {
  auto body = co_await http::read_all(response, aws::xml_limits{}.bytes_max);
  if (!body) co_return transport_error(answered, body.error());
  co_return proto::parse_list_page(std::move(*body), asked.from, answered);
}

asio::awaitable<result<list_page>> list_once(requester& on, const error& about,
                                             const question& asked, attempts& so_far) {
  const auto begun = std::chrono::steady_clock::now();
  const requester::build make = [&asked](const proto::address& where) {
    return proto::list_objects_request(where, asked.prefix, asked.from, asked.max_keys);
  };
  auto response = co_await on.send(about, make, so_far);
  if (!response) {
    on.report(proto::list_objects_operation, begun, response.error());
    co_return response.error();
  }
  auto answered = about;
  answered.http_status = static_cast<int>(response->status());
  answered.request_id = response->header("x-amz-request-id");
  auto page = co_await read_page(*response, asked, answered);
  if (page) {
    on.report(proto::list_objects_operation, begun, answered.http_status);
  } else {
    if (page.error().kind == error_kind::throttled) on.slowed(begun, page.error());
    on.report(proto::list_objects_operation, begun, page.error());
  }
  co_return page;
}

}  // namespace

asio::awaitable<result<list_page>> list_objects(requester& on, std::string prefix,
                                                list_position from, int max_keys) {
  if (auto never = on.unusable(proto::list_objects_operation)) co_return std::move(*never);
  const auto about = on.about(proto::list_objects_operation, {});
  const question asked{prefix, from, max_keys};
  attempts so_far{on.options().retry.attempts_max};
  for (;;) {
    auto page = co_await list_once(on, about, asked, so_far);
    if (page) {
      on.succeeded(so_far);
      co_return page;
    }
    if (page.error().kind == error_kind::cancelled) co_return page;
    const bool again = co_await on.again(so_far, page.error());
    if (!again) co_return page;
  }
}

}  // namespace ingestor::s3
