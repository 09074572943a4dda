// Any bytes in the head of an object's answer, and as S3's two forms of a time.
//
// Four bytes say the status, the first and the last byte that were asked for, and the length of the
// body; 0 stands for none of the last two. The lines are Content-Range, ETag, Last-Modified, and
// the ETag that was asked for.
#include "aws/proto/time_text.hpp"
#include "base/bytes.hpp"
#include "require.hpp"
#include "s3/proto/etag.hpp"
#include "s3/proto/get_object.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace {

using namespace ingestor;
using namespace ingestor::s3::proto;

/// Four digits of a year, and a leap second at its end.
void check_time(timestamp time) {
  require(time >= timestamp{std::chrono::sys_days{std::chrono::year{0} / 1 / 1}});
  require(time <= timestamp{std::chrono::sys_days{std::chrono::year{10000} / 1 / 1}} +
                      std::chrono::seconds{1});
}

void check_times(std::string_view text) {
  if (const auto time = aws::parse_iso8601(text)) {
    check_time(*time);
    require(text.size() >= 20 && text.size() <= 30 && text.ends_with('Z'));
  }
  if (const auto time = aws::parse_http_date(text)) {
    check_time(*time);
    require(text.size() == 29 && text.ends_with(" GMT"));
  }
}

void check_etag(std::string_view text) {
  const auto bare = unquoted_etag(text);
  require(bare.size() <= text.size());
  require(unquoted_etag(quoted_etag(text)) == bare);
}

std::string_view take_line(std::string_view& from) {
  const auto end = std::min(from.find('\n'), from.size());
  const auto line = from.substr(0, end);
  from.remove_prefix(std::min(end + 1, from.size()));
  return line;
}

/// What is accepted is the part that was asked for, to its end.
void check_part(const object_facts& got, const get_object_query& asked, const object_head& head) {
  require(head.content_range.starts_with("bytes "));
  require(std::stoll(std::string{head.content_range.substr(6)}) == asked.first_byte);
  if (got.object_length < 0) return;
  require(got.object_length > asked.first_byte);
  if (!head.content_length) return;
  const auto to_the_end = got.object_length - asked.first_byte;
  const auto to_the_last = asked.last_byte ? *asked.last_byte - asked.first_byte + 1 : to_the_end;
  require(*head.content_length == std::min(to_the_end, to_the_last));
}

constexpr std::size_t numbers = 4;

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < numbers) return 0;
  auto rest = as_text(std::as_bytes(std::span{data, size}).subspan(numbers));
  object_head head;
  head.status = data[0] == '6' ? 206 : 200;
  if (data[3] > 0) head.content_length = data[3];
  head.content_range = take_line(rest);
  head.etag = take_line(rest);
  head.last_modified = take_line(rest);
  get_object_query asked;
  asked.first_byte = data[1];
  if (data[2] >= data[1] && data[2] > 0) asked.last_byte = data[2];
  asked.if_match = take_line(rest);
  check_etag(head.etag);
  for (const auto text : {head.content_range, head.etag, head.last_modified}) check_times(text);

  const auto got = check_object_head(asked, head, {});
  if (!got) {
    require(!got.error().text().empty());
    return 0;
  }
  require((head.status == 206) == asked.ranged());
  require(asked.if_match.empty() || got->etag == unquoted_etag(asked.if_match));
  if (asked.ranged()) check_part(*got, asked, head);
  return 0;
}
