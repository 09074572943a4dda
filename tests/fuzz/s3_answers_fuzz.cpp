// Any bytes as S3's answer: a page that is accepted is one that was asked for and brings the
// listing on, an error can be printed, and a document's tree stays within its limits.
//
// The first byte chooses what is answered, the second how many keys were asked for. Three lines say
// the rest of the request: the prefix, the last key before, the token. What follows is the body.
#include "aws/proto/xml.hpp"
#include "base/bytes.hpp"
#include "require.hpp"
#include "s3/proto/error_response.hpp"
#include "s3/proto/list_objects.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace {

using namespace ingestor;
using namespace ingestor::s3::proto;

/// All that an error's line may quote, with room for the words between.
constexpr std::size_t error_text_bytes_max = std::size_t{16} * 1024;

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

void check_error(const error& got) {
  const auto text = got.text();
  require(!text.empty() && text.size() <= error_text_bytes_max);
  require(std::none_of(text.begin(), text.end(), is_control));
  const auto remedy = got.remedy();
  require(!remedy.empty() && std::none_of(remedy.begin(), remedy.end(), is_control));
  require(name_of(got.kind) != "unknown");
}

void check_object(const object_summary& got, const list_query& asked) {
  require(!got.key.empty() && got.key.size() <= key_bytes_max);
  require(got.key.starts_with(asked.prefix));
  require(got.etag.size() <= etag_bytes_max);
  require(std::none_of(got.etag.begin(), got.etag.end(), is_control));
  require(got.size >= 0);
}

void check_next(const list_position& next, const list_page& got, const list_query& asked) {
  if (next.empty()) return;
  require(next.token.size() <= token_bytes_max && next.token != asked.from.token);
  require(next.empty_pages <= empty_pages_max);
  require((next.empty_pages == 0) == !got.objects.empty());
  require(next.last_key == (got.objects.empty() ? asked.from.last_key : got.objects.back().key));
}

void check_page(const list_page& got, const list_query& asked) {
  require(got.objects.size() <= static_cast<std::size_t>(std::max(asked.max_keys, 1)));
  std::string_view before = asked.from.last_key;
  for (const auto& object : got.objects) {
    check_object(object, asked);
    require(before < object.key);
    before = object.key;
  }
  check_next(got.next, got, asked);
}

void list(std::string body, const list_query& asked) {
  error about;
  about.operation = list_objects_operation;
  about.bucket = "logs";
  about.http_status = 200;
  const auto got = parse_list_page(std::move(body), asked, about);
  if (got) {
    check_page(*got, asked);
  } else {
    check_error(got.error());
  }
}

void fail(std::string body, int status, std::string_view header) {
  error about;
  about.operation = "GetObject";
  about.bucket = "logs";
  about.key = header;
  const auto got = read_error(about,
                              {.status = status,
                               .reason = header,
                               .request_id = header,
                               .bucket_region = header,
                               .retry_after = header},
                              std::move(body));
  require(got.http_status == status);
  check_error(got);
}

std::size_t count_nodes(pugi::xml_node of, std::size_t depth_left) {
  std::size_t count = 0;
  for (const auto child : of.children()) {
    if (child.type() != pugi::node_element) continue;
    require(depth_left > 0);
    count += 1 + count_nodes(child, depth_left - 1);
    for (auto each = child.first_attribute(); each; each = each.next_attribute()) ++count;
  }
  return count;
}

void parse(std::string body) {
  const aws::xml_limits tight{.bytes_max = 4096, .depth_max = 4, .nodes_max = 50};
  const auto bytes = body.size();
  const auto got = aws::xml_document::parse(std::move(body), tight);
  if (!got) {
    require(!got.error().empty());
    return;
  }
  require(bytes <= tight.bytes_max);
  require(!got->root().next_sibling());
  require(count_nodes(got->root().parent(), tight.depth_max) <= tight.nodes_max);
}

std::string take_line(std::string_view& from) {
  const auto end = std::min(from.find('\n'), from.size());
  std::string line{from.substr(0, end)};
  from.remove_prefix(std::min(end + 1, from.size()));
  return line;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  auto rest = as_text(std::as_bytes(std::span{data, size}).subspan(2));
  list_query asked;
  asked.max_keys = data[1];
  asked.prefix = take_line(rest);
  asked.from.last_key = take_line(rest);
  asked.from.token = take_line(rest);
  if (asked.from.token.empty()) asked.from.last_key.clear();
  switch (data[0]) {
    case 'l':
      list(std::string{rest}, asked);
      break;
    case 'o':  // the same inside a root, whatever becomes of it
      list("<ListBucketResult>" + std::string{rest} + "</ListBucketResult>", asked);
      break;
    case 'e':
      fail(std::string{rest}, 300 + data[1], asked.prefix);
      break;
    default:
      parse(std::string{rest});
  }
  return 0;
}
