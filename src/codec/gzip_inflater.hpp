// An incremental gunzip: any number of members, verified. Source: RFC 1952; what may follow the
// last member is what `gzip -t` accepts with exit code 0: zeros, and nothing else.
//
// ISA-L's inflater does the DEFLATE part alone. Header and trailer are read here, because ISA-L
// gives nothing back to the caller where a trailer is cut by the edge of an input buffer.
#pragma once

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "codec/error.hpp"
#include "codec/gzip_header.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

struct inflate_state;

namespace ingestor::codec {

/// Holds about 90 KiB of decoder state, whatever the data.
class gzip_inflater {
 public:
  gzip_inflater();
  ~gzip_inflater();
  gzip_inflater(const gzip_inflater&) = delete;
  gzip_inflater& operator=(const gzip_inflater&) = delete;

  /// Ready for the first byte of another object; keeps the memory.
  void reset();

  /// Takes from the front of `input` and writes to `output` until one of them is used up. Returns
  /// the bytes written. When that fills `output`, more may come without further input. After an
  /// error only reset() may follow.
  result<std::size_t, error> inflate(const_bytes& input, mutable_bytes output);

  /// Whether the object may end here, asked once inflate() leaves room in its output.
  std::optional<error> end_of_input() const;

 private:
  enum class phase { header, body, trailer, between, padding };

  result<bool, error> step(const_bytes& input, mutable_bytes& output);
  result<bool, error> header_step(const_bytes& input);
  result<bool, error> body_step(const_bytes& input, mutable_bytes& output);
  result<bool, error> trailer_step(const_bytes& input);
  result<bool, error> between_step(const_bytes& input);
  std::optional<error> verify_trailer() const;
  void begin_body();
  void end_body();
  /// Completes a message with the member and the offset.
  error fault(error_kind kind, const std::string& what) const;

  std::unique_ptr<inflate_state> deflate_;
  gzip_header_reader header_;
  phase phase_ = phase::header;
  std::uint64_t member_ = 1;
  std::uint64_t consumed_ = 0;
  std::uint32_t member_crc_ = 0;
  std::uint32_t member_bytes_ = 0;  // modulo 2^32, as the trailer has it
  std::array<unsigned char, 8> trailer_{};
  std::size_t trailer_bytes_ = 0;
};

}  // namespace ingestor::codec
