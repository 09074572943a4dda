// What is signed and what is sent, from any bytes: nothing in a key, a query or a header's value
// may change what a request says.
//
// The first byte says how many pairs of the query follow, the second how many headers. The rest are
// texts with a NUL between them: the path, then names and values.
#include "aws/proto/percent_encoding.hpp"
#include "aws/proto/sigv4.hpp"
#include "base/bytes.hpp"
#include "require.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace ingestor;
using namespace ingestor::aws;

constexpr std::size_t pairs_max = 4;

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> out;
  for (;;) {
    const auto end = text.find(separator);
    out.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return out;
    text.remove_prefix(end + 1);
  }
}

/// The texts of an input, one after another; empty behind the last.
class texts {
 public:
  explicit texts(std::string_view input) : all_{split(input, '\0')} {}

  std::string next() { return at_ < all_.size() ? std::string{all_[at_++]} : std::string{}; }

 private:
  std::vector<std::string_view> all_;
  std::size_t at_ = 0;
};

/// Names of headers are the program's own, so these are good ones.
std::string header_name(std::string_view from) {
  std::string out = "X-";
  for (const char c : from) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (letter || c == '-') out.push_back(c);
  }
  return out;
}

unsigned_request request_of(std::size_t query, std::size_t headers, texts& from) {
  unsigned_request out;
  out.method = "GET";
  out.path = '/' + from.next();
  for (std::size_t i = 0; i < query; ++i) {
    auto name = from.next();
    out.query.emplace_back(std::move(name), from.next());
  }
  for (std::size_t i = 0; i < headers; ++i) {
    auto name = header_name(from.next());
    out.headers.emplace_back(std::move(name), from.next());
  }
  return out;
}

bool is_encoded(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
         std::string_view{"-._~%/"}.find(c) != std::string_view::npos;
}

void check_encoding(std::string_view bytes) {
  const auto component = encode_component(bytes);
  const auto path = encode_path(bytes);
  require(decode_listed(component) == bytes && decode_listed(path) == bytes);
  require(component.find('/') == std::string::npos);
  require(std::all_of(path.begin(), path.end(), is_encoded));
  // The two differ in slashes alone.
  std::string with_slashes;
  for (std::size_t i = 0; i < component.size(); ++i) {
    const bool slash = component.compare(i, 3, "%2F") == 0;
    with_slashes.push_back(slash ? '/' : component[i]);
    if (slash) i += 2;
  }
  require(with_slashes == path);
  (void)decode_listed(bytes);
}

void check_query(std::string_view line, std::size_t pairs) {
  if (pairs == 0) {
    require(line.empty());
    return;
  }
  std::vector<std::pair<std::string_view, std::string_view>> found;
  for (const auto each : split(line, '&')) {
    require(std::count(each.begin(), each.end(), '=') == 1);
    const auto equals = each.find('=');
    found.emplace_back(each.substr(0, equals), each.substr(equals + 1));
  }
  require(found.size() == pairs);
  require(std::is_sorted(found.begin(), found.end()));
}

/// Lines of headers: each name once, in order; no value brought a line of its own.
void check_headers(std::span<const std::string_view> lines, std::string_view names,
                   const std::vector<name_value>& headers) {
  std::string seen;
  std::string_view before;
  std::size_t commas = 0;
  for (const auto line : lines) {
    const auto colon = line.find(':');
    require(colon != std::string_view::npos);
    const auto name = line.substr(0, colon);
    const auto value = line.substr(colon + 1);
    require(before < name);
    before = name;
    require(name.starts_with("x-") && header_name(name.substr(2)).size() == name.size());
    require(!value.starts_with(' ') && !value.ends_with(' '));
    require(value.find("  ") == std::string_view::npos);
    require(value.find_first_of("\t\r\n") == std::string_view::npos);
    seen.append(seen.empty() ? "" : ";").append(name);
    commas += static_cast<std::size_t>(std::count(value.begin(), value.end(), ','));
  }
  require(seen == names);
  // A repeated name's values are joined, and none is lost.
  std::size_t given = 0;
  for (const auto& [name, value] : headers) {
    given += static_cast<std::size_t>(std::count(value.begin(), value.end(), ','));
  }
  require(commas == given + headers.size() - lines.size());
}

void check_normalised(std::string_view path) {
  require(path.starts_with('/') && path.find("//") == std::string_view::npos);
  for (const auto segment : split(path, '/')) require(segment != "." && segment != "..");
}

void check_request(unsigned_request request) {
  const auto canonical = canonical_request(request, empty_payload_sha256, path_rule::verbatim);
  const auto lines = split(canonical, '\n');
  // Method, path, query, the headers, an empty line, their names, the payload.
  require(lines.size() >= 6 && lines.size() <= 6 + request.headers.size());
  require(lines.front() == "GET" && lines.back() == empty_payload_sha256);
  require(lines[lines.size() - 3].empty());
  check_query(lines[2], request.query.size());
  const auto names = lines[lines.size() - 2];
  check_headers(std::span{lines}.subspan(3, lines.size() - 6), names, request.headers);
  require(signed_headers(request.headers) == names);

  auto target = std::string{lines[1]};
  if (!request.query.empty()) target.append("?").append(lines[2]);
  require(target_of(request) == target);
  require(decode_listed(lines[1]) == request.path);

  const auto other = canonical_request(request, empty_payload_sha256, path_rule::normalised);
  const auto other_lines = split(other, '\n');
  require(other_lines.size() == lines.size());
  check_normalised(other_lines[1]);

  std::reverse(request.query.begin(), request.query.end());
  require(canonical_request(request, empty_payload_sha256, path_rule::verbatim) == canonical);
}

/// What signing adds neither depends on nor changes what was asked.
void check_signing(const unsigned_request& request) {
  const credentials creds{"AKIDEXAMPLE", secret{"the secret"}, secret{"the token"}};
  const signing_scope scope{"eu-west-1", "s3", {}};
  auto once = request;
  auto again = request;
  sign_for_s3(once, empty_payload_sha256, creds, scope);
  sign_for_s3(again, empty_payload_sha256, creds, scope);
  require(once.headers == again.headers);
  require(target_of(once) == target_of(request));
  require(once.headers.size() == request.headers.size() + 4);
  const auto& [name, value] = once.headers.back();
  require(name == "authorization" && value.find("the secret") == std::string::npos);
  require(value.find_first_of("\r\n") == std::string::npos);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const auto input = as_text(std::as_bytes(std::span{data, size}).subspan(2));
  check_encoding(input);
  texts from{input};
  const auto request = request_of(data[0] % (pairs_max + 1), data[1] % (pairs_max + 1), from);
  check_request(request);
  check_signing(request);
  return 0;
}
