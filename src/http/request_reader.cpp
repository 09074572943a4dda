#include "http/request_reader.hpp"

#include "http/request_target.hpp"

#include <boost/beast/http/error.hpp>
#include <boost/beast/http/fields.hpp>
#include <boost/beast/http/verb.hpp>

#include <string>
#include <utility>

namespace ingestor::http {
namespace {

namespace http = boost::beast::http;

std::string text_of(boost::beast::string_view view) {
  return {view.data(), view.size()};
}

}  // namespace

response plain_response(unsigned status, std::string_view text) {
  return {status, "text/plain; charset=utf-8", std::string{text} + '\n', {}};
}

request_reader::request_reader(const header_limits& limits)
    : limits_{limits}, received_{limits.bytes_max + step_bytes} {}

boost::asio::mutable_buffer request_reader::room() {
  return received_.prepare(step_bytes);
}

void request_reader::received(std::size_t bytes) {
  received_.commit(bytes);
}

bool request_reader::begun() const {
  return head_bytes_ > 0 || received_.size() > 0;
}

void request_reader::discard() {
  received_.consume(received_.size());
}

std::optional<incoming_request> request_reader::next() {
  if (!head_) {
    head_.emplace();
    // Beast counts otherwise in pieces than in one: no more than the buffer holds, so that it is
    // feed_header() which decides.
    head_->header_limit(static_cast<std::uint32_t>(received_.max_size()));
    head_->body_limit(boost::none);
    head_bytes_ = 0;
  }
  const auto code = feed_header(*head_, received_, head_bytes_, limits_);
  if (code == http::error::need_more) return std::nullopt;
  auto out = judge(code);
  head_.reset();
  head_bytes_ = 0;
  return out;
}

/// What to make of a head that is complete, or wrong.
incoming_request request_reader::judge(boost::beast::error_code code) const {
  const auto& got = head_->get();
  incoming_request out;
  out.asked.method = text_of(got.method_string());
  out.asked.target = text_of(got.target());
  const auto refuse = [&](unsigned status, const std::string& why) {
    out.refused = plain_response(status, why);
    return out;
  };
  if (code == http::error::header_limit) return refuse(431, "the request's head is too large");
  if (code) return refuse(400, "malformed request: " + code.message());
  if (got.version() >= 11 && got.count(http::field::host) != 1) {
    return refuse(400, "malformed request: exactly one Host header is needed");
  }
  // A body is not read, so nothing can follow it.
  out.keep_alive = head_->keep_alive() && head_->is_done();
  if (got.method() != http::verb::get && got.method() != http::verb::head) {
    refuse(405, "only GET and HEAD are served here");
    out.refused->headers.emplace_back("Allow", "GET, HEAD");
    return out;
  }
  auto path = path_of(out.asked.target);
  if (!path) return refuse(400, "malformed request: this is not a path");
  out.asked.path = std::move(*path);
  return out;
}

}  // namespace ingestor::http
