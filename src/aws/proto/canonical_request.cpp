#include "aws/proto/percent_encoding.hpp"
#include "aws/proto/sigv4.hpp"
#include "base/ascii.hpp"

#include <algorithm>
#include <cstddef>

namespace ingestor::aws {
namespace {

/// Without white space at the ends, and with one space for each run of it inside.
std::string trimmed(std::string_view value) {
  std::string out;
  out.reserve(value.size());
  for (const char c : value) {
    const bool blank = c == ' ' || c == '\t' || c == '\r' || c == '\n';
    if (!blank) {
      out.push_back(c);
    } else if (!out.empty() && out.back() != ' ') {
      out.push_back(' ');
    }
  }
  if (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

/// Lower-case names in order; the values of a repeated name joined by commas, in theirs.
std::vector<name_value> canonical_headers(const std::vector<name_value>& headers) {
  std::vector<name_value> sorted;
  sorted.reserve(headers.size());
  for (const auto& [name, value] : headers) sorted.emplace_back(ascii_lower(name), trimmed(value));
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const name_value& a, const name_value& b) { return a.first < b.first; });
  std::vector<name_value> joined;
  for (auto& [name, value] : sorted) {
    if (!joined.empty() && joined.back().first == name) {
      joined.back().second += ',' + value;
    } else {
      joined.emplace_back(std::move(name), std::move(value));
    }
  }
  return joined;
}

std::string canonical_query(const std::vector<name_value>& query) {
  std::vector<name_value> encoded;
  encoded.reserve(query.size());
  for (const auto& [name, value] : query) {
    encoded.emplace_back(encode_component(name), encode_component(value));
  }
  std::sort(encoded.begin(), encoded.end());
  std::string out;
  for (const auto& [name, value] : encoded) {
    if (!out.empty()) out.push_back('&');
    out.append(name).append("=").append(value);
  }
  return out;
}

/// RFC 3986, section 5.2.4, and without empty segments.
std::string without_dot_segments(std::string_view path) {
  std::vector<std::string_view> kept;
  std::size_t begin = 0;
  bool ends_in_slash = true;
  while (begin <= path.size()) {
    const auto end = std::min(path.find('/', begin), path.size());
    const auto segment = path.substr(begin, end - begin);
    ends_in_slash = segment.empty() || segment == "." || segment == "..";
    if (segment == "..") {
      if (!kept.empty()) kept.pop_back();
    } else if (!ends_in_slash) {
      kept.push_back(segment);
    }
    begin = end + 1;
  }
  std::string out;
  for (const auto segment : kept) out.append("/").append(segment);
  if (ends_in_slash || out.empty()) out.push_back('/');
  return out;
}

}  // namespace

std::string target_of(const unsigned_request& request) {
  auto target = encode_path(request.path);
  if (!request.query.empty()) target += '?' + canonical_query(request.query);
  return target;
}

std::string signed_headers(const std::vector<name_value>& headers) {
  std::string out;
  for (const auto& [name, value] : canonical_headers(headers)) {
    if (!out.empty()) out.push_back(';');
    out += name;
  }
  return out;
}

std::string canonical_request(const unsigned_request& request, std::string_view payload_sha256,
                              path_rule rule) {
  const auto path =
      rule == path_rule::normalised ? without_dot_segments(request.path) : request.path;
  std::string out = request.method;
  out.append("\n").append(encode_path(path));
  out.append("\n").append(canonical_query(request.query)).append("\n");
  for (const auto& [name, value] : canonical_headers(request.headers)) {
    out.append(name).append(":").append(value).append("\n");
  }
  out.append("\n").append(signed_headers(request.headers));
  out.append("\n").append(payload_sha256);
  return out;
}

}  // namespace ingestor::aws
