// Objects to read and a way to read them whole, for the codec's tests.
#pragma once

#include "codec/line_reader.hpp"

#include <libdeflate.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ingestor::codec::test {

inline std::string le(std::uint64_t value, std::size_t bytes) {
  std::string out;
  for (std::size_t i = 0; i < bytes; ++i) out.push_back(static_cast<char>(value >> (8 * i) & 0xff));
  return out;
}

/// Bare DEFLATE data.
inline std::string deflated(std::string_view text, int level = 6) {
  auto* compressor = libdeflate_alloc_compressor(level);
  std::string out(libdeflate_deflate_compress_bound(compressor, text.size()), '\0');
  out.resize(
      libdeflate_deflate_compress(compressor, text.data(), text.size(), out.data(), out.size()));
  libdeflate_free_compressor(compressor);
  return out;
}

inline std::string trailer(std::string_view text) {
  return le(libdeflate_crc32(0, text.data(), text.size()), 4) + le(text.size(), 4);
}

/// The ten bytes in front of every member.
inline std::string header(unsigned char flags = 0) {
  return std::string{"\x1f\x8b\x08", 3} + static_cast<char>(flags) + le(0, 4) + "\x02\x03";
}

/// One gzip member.
inline std::string gz(std::string_view text, int level = 6) {
  return header() + deflated(text, level) + trailer(text);
}

struct read_line {
  std::uint64_t number;
  std::uint64_t byte_offset;
  std::string text;
  bool too_long = false;
  std::uint64_t bytes = 0;
};

struct reading {
  std::vector<read_line> lines;
  std::optional<error> failure;
  std::optional<error> not_text;

  std::vector<std::string> texts() const {
    std::vector<std::string> out;
    for (const auto& each : lines) out.push_back(each.text);
    return out;
  }
};

/// Reads an object to its end or its error, fed in pieces that are freed once they are used up, so
/// that a sanitizer sees any view that outlives its piece.
inline reading read(line_reader& reader, std::string_view object, std::size_t piece_bytes) {
  reading out;
  std::vector<std::byte> piece;
  while (true) {
    const auto next = reader.next();
    if (!next) {
      out.failure = next.error();
      return out;
    }
    if (const auto* found = std::get_if<line>(&*next)) {
      out.lines.push_back({found->number, found->byte_offset, std::string{found->text},
                           found->too_long, found->bytes});
    } else if (std::holds_alternative<end>(*next)) {
      out.not_text = reader.not_text();
      return out;
    } else if (std::holds_alternative<need_input>(*next)) {
      if (object.empty()) {
        reader.finish();
        continue;
      }
      const auto bytes = as_bytes(object.substr(0, piece_bytes));
      std::vector<std::byte>{bytes.begin(), bytes.end()}.swap(piece);
      object.remove_prefix(piece.size());
      reader.feed(piece);
    }
  }
}

inline reading read(std::string_view object, limits limits = {}, std::size_t piece_bytes = 65536) {
  line_reader reader{limits};
  return read(reader, object, piece_bytes);
}

}  // namespace ingestor::codec::test
