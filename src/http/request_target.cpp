#include "http/request_target.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace ingestor::http {
namespace {

bool starts_with_any_case(std::string_view text, std::string_view lower) {
  return text.size() >= lower.size() &&
         std::equal(lower.begin(), lower.end(), text.begin(), [](char wanted, char got) {
           return wanted == std::tolower(static_cast<unsigned char>(got));
         });
}

/// RFC 9112, section 3.2.2: what is behind the authority.
std::string_view without_authority(std::string_view url) {
  const auto begin = url.find("//") + 2;
  const auto end = std::min(url.find_first_of("/?", begin), url.size());
  return url.substr(end);
}

bool is_control(char c) {
  return std::iscntrl(static_cast<unsigned char>(c)) != 0;
}

std::optional<std::string> percent_decoded(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '%') {
      out.push_back(text[at]);
      continue;
    }
    if (at + 2 >= text.size()) return std::nullopt;
    const auto* const digits = text.data() + at + 1;
    unsigned char byte = 0;
    const auto [end, code] = std::from_chars(digits, digits + 2, byte, 16);
    if (code != std::errc{} || end != digits + 2) return std::nullopt;
    out.push_back(static_cast<char>(byte));
    at += 2;
  }
  return out;
}

/// RFC 3986, section 5.2.4, for a path that begins with "/".
std::string without_dots(std::string_view path) {
  std::string out;
  while (!path.empty()) {
    const auto end = std::min(path.find('/', 1), path.size());
    const auto segment = path.substr(0, end);  // with the "/" before it
    path.remove_prefix(end);
    const bool up = segment == "/..";
    if (up) out.resize(out.empty() ? 0 : out.rfind('/'));
    if (!up && segment != "/.") {
      out.append(segment);
    } else if (path.empty()) {
      out.push_back('/');
    }
  }
  return out;
}

}  // namespace

std::optional<std::string> path_of(std::string_view target) {
  const bool whole =
      starts_with_any_case(target, "http://") || starts_with_any_case(target, "https://");
  auto path = whole ? without_authority(target) : target;
  if (path.find('#') != std::string_view::npos) return std::nullopt;
  path = path.substr(0, path.find('?'));
  if (whole && path.empty()) path = "/";
  if (!path.starts_with('/')) return std::nullopt;
  const auto decoded = percent_decoded(path);
  if (!decoded || std::any_of(decoded->begin(), decoded->end(), is_control)) return std::nullopt;
  return without_dots(*decoded);
}

}  // namespace ingestor::http
