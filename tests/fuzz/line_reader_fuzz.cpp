// Any bytes, fed in one piece and in small ones: the same lines, both good or both bad, and line
// texts within their limit. The first byte chooses how small, the second the limit of a line.
#include "codec/line_reader.hpp"
#include "require.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

namespace {

using namespace ingestor;

struct reading {
  std::vector<std::string> lines;
  bool failed = false;
  bool not_text = false;

  bool operator==(const reading&) const = default;
};

reading read(const_bytes object, codec::limits limits, std::size_t piece_bytes) {
  codec::line_reader reader{limits};
  reading out;
  std::vector<std::byte> piece;
  while (true) {
    const auto next = reader.next();
    if (!next) {
      out.failed = true;
      return out;
    }
    out.not_text = reader.not_text().has_value();
    if (std::holds_alternative<codec::end>(*next)) return out;
    if (const auto* line = std::get_if<codec::line>(&*next)) {
      require(line->too_long == (line->bytes > limits.line_bytes_max));
      require(line->text.size() ==
              std::min<std::uint64_t>(line->bytes,
                                      line->too_long ? codec::raw_bytes_max : line->bytes));
      require(line->byte_offset + line->bytes <= reader.bytes_inflated());
      out.lines.push_back(std::to_string(line->number) + ' ' + std::to_string(line->byte_offset) +
                          ' ' + std::string{line->text});
    } else if (std::holds_alternative<codec::need_input>(*next)) {
      if (object.empty()) {
        reader.finish();
        continue;
      }
      const auto part = object.first(std::min(piece_bytes, object.size()));
      object = object.subspan(part.size());
      std::vector<std::byte>{part.begin(), part.end()}.swap(piece);
      reader.feed(piece);
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const codec::limits limits{.line_bytes_max = data[1], .object_bytes_max = 1U << 20};
  const auto object = std::as_bytes(std::span{data, size}).subspan(2);
  auto whole = read(object, limits, object.size() + 1);
  auto pieces = read(object, limits, 1U + data[0]);
  require(whole.failed == pieces.failed);
  // Which of several faults is met first, and how much has come out before it, depends on the
  // pieces; one is the other's beginning.
  if (whole.failed) {
    const auto common = std::min(whole.lines.size(), pieces.lines.size());
    whole.lines.resize(common);
    pieces.lines.resize(common);
    pieces.not_text = whole.not_text;
  }
  require(whole == pieces);
  return 0;
}
