// The header of a gzip member, read as it arrives. Source: RFC 1952, section 2.3.
#pragma once

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "codec/error.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace ingestor::codec {

/// Skips name, comment and extra field without keeping them, whatever their length, and verifies
/// the optional header checksum (FHCRC).
class gzip_header_reader {
 public:
  /// Takes header bytes from the front of `input` and stops behind the last one. True when the
  /// header is complete, false when it needs more input.
  result<bool, error> consume(const_bytes& input);

  /// Ready for the next member.
  void reset() { *this = {}; }

 private:
  enum class part { fixed, extra_length, extra, name, comment, checksum, done };

  result<part, error> step(unsigned char byte);
  result<part, error> fixed_step(unsigned char byte);
  part after(part finished) const;
  /// Collects little-endian fields; true once `wanted` bytes are there.
  bool collect(unsigned char byte, std::size_t wanted);

  part part_ = part::fixed;
  std::array<unsigned char, 10> field_{};
  std::size_t field_bytes_ = 0;
  std::size_t extra_left_ = 0;
  unsigned char flags_ = 0;
  std::uint32_t crc_ = 0;
};

}  // namespace ingestor::codec
