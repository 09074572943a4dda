// Any bytes as what a client sends to the HTTP server, and any text as the target of a request.
//
// The first byte says in pieces of what size the others arrive.
#include "base/bytes.hpp"
#include "http/request_reader.hpp"
#include "http/request_target.hpp"
#include "require.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using namespace ingestor;
using namespace ingestor::http;

/// So tight that a fuzzer soon gets there.
constexpr header_limits limits{.bytes_max = 512, .fields_max = 8};

std::vector<incoming_request> requests_in(std::string_view bytes, std::size_t at_once) {
  request_reader reader{limits};
  std::vector<incoming_request> out;
  while (!bytes.empty()) {
    const auto room = reader.room();
    require(room.size() == request_reader::step_bytes);
    const auto count = std::min({bytes.size(), room.size(), at_once});
    std::memcpy(room.data(), bytes.data(), count);
    reader.received(count);
    bytes.remove_prefix(count);
    while (auto got = reader.next()) {
      out.push_back(std::move(*got));
      if (!out.back().keep_alive) return out;
    }
  }
  return out;
}

void check_path(std::string_view path, std::string_view target) {
  require(path.starts_with('/') && path.size() <= std::max<std::size_t>(target.size(), 1));
  require(path.find("/../") == std::string_view::npos && !path.ends_with("/.."));
  require(std::none_of(path.begin(), path.end(), [](char c) { return c == '\0' || c == '\n'; }));
}

void check(const incoming_request& got) {
  constexpr auto held_max = limits.bytes_max + request_reader::step_bytes;
  require(got.asked.method.size() + got.asked.target.size() <= held_max);
  if (!got.refused) {
    require(got.asked.method == "GET" || got.asked.method == "HEAD");
    check_path(got.asked.path, got.asked.target);
    return;
  }
  const auto status = got.refused->status;
  require(status == 400 || status == 405 || status == 431);
  require((status == 405) == !got.refused->headers.empty());
  require(status != 431 || !got.keep_alive);
}

void check_same(const incoming_request& one, const incoming_request& other) {
  check(one);
  check(other);
  require(one.refused.has_value() == other.refused.has_value());
  require(one.keep_alive == other.keep_alive);
  require(one.asked.path == other.asked.path);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto bytes = as_text(std::as_bytes(std::span{data, size}).subspan(1));
  if (const auto path = path_of(bytes)) check_path(*path, bytes);

  const auto whole = requests_in(bytes, bytes.size());
  const auto pieces = requests_in(bytes, std::max<std::size_t>(data[0], 1));
  require(whole.size() <= size);
  // In pieces, what is wrong in a head may be noticed only at its end, which may not have come.
  require(pieces.size() == whole.size() ||
          (pieces.size() + 1 == whole.size() && whole.back().refused));
  for (std::size_t at = 0; at < pieces.size(); ++at) check_same(whole[at], pieces[at]);
  if (!whole.empty()) check(whole.back());
  return 0;
}
