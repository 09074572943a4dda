// From the bytes of an object to its lines: detection by magic bytes, gunzip, framing.
//
// Pull, in bounded steps: feed() a buffer, call next() until it asks for input, feed() again, and
// finish() behind the last buffer. An object is what its bytes say, not its name; it is inflated
// once only. An empty object, or an empty gzip, is good and has no lines.
#pragma once

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "codec/error.hpp"
#include "codec/gzip_inflater.hpp"
#include "codec/line_framer.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <variant>

namespace ingestor::codec {

/// Everything fed has been used: feed() or finish().
struct need_input {};
/// A slice of work is done and no line is complete yet: call next() again, perhaps after letting
/// others run.
struct again {};
/// The object was good from end to end. Every further next() says so again.
struct end {};

using event = std::variant<line, need_input, again, end>;

struct limits {
  /// Bytes of a line without its end. A longer one is returned as too_long.
  std::size_t line_bytes_max = std::size_t{16} * 1024 * 1024;
  /// Inflated bytes of the object; more is an error. 0: no limit.
  std::uint64_t object_bytes_max = 0;
};

/// The most that one call of next() inflates, in bytes; about a quarter of a millisecond.
inline constexpr std::size_t inflate_slice_bytes = std::size_t{256} * 1024;

/// Memory: inflate_slice_bytes, 90 KiB for gzip once one was met, and line_framer's carry.
class line_reader {
 public:
  explicit line_reader(limits limits);

  /// To be called at the start and after need_input. The view must stay valid until next() asks
  /// for input again, returns end, or fails.
  void feed(const_bytes compressed);

  /// There is no more input than what was fed.
  void finish() { finished_ = true; }

  /// A line is valid until the next call. An error ends the object: every further call repeats it,
  /// and lines returned before must not be kept.
  result<event, error> next();

  /// Ready for another object; memory for ordinary lines is kept.
  void reset();

  /// "gzip" or "none"; "" as long as too little was fed to tell.
  std::string_view compression() const;
  /// Why the beginning of the object is not text, where it is not (text_prefix.hpp); known before
  /// the first line is returned. The lines come all the same: with a JSON object among them the
  /// object may be good.
  const std::optional<error>& not_text() const { return not_text_; }
  /// Bytes taken in, and bytes that came out of them.
  std::uint64_t bytes_compressed() const { return bytes_compressed_; }
  std::uint64_t bytes_inflated() const { return bytes_inflated_; }
  /// Lines so far, blank ones included.
  std::uint64_t lines() const { return framer_.lines(); }

 private:
  enum class format { unknown, none, gzip };
  result<event, error> advance();
  std::optional<error> detect();
  std::optional<error> begin_gzip();
  /// Makes the next chunk of the stream and hands it to the framer.
  std::optional<error> refill();
  std::optional<error> refill_from_gzip();
  std::optional<error> refill_from_plain();
  /// Holds the beginning back until there is enough of it to know whether it is text.
  std::optional<error> release(std::string_view chunk);
  std::optional<error> count(std::size_t inflated_bytes);
  std::size_t copy_in(const_bytes from, std::size_t most);
  std::string_view buffered() const;
  bool input_used_up() const { return input_.empty() && !inflater_has_more_; }

  limits limits_;
  const_bytes input_;
  bool finished_ = false;
  bool ended_ = false;
  std::optional<error> failed_;

  format format_ = format::unknown;
  std::array<std::byte, 4> magic_{};
  std::size_t magic_bytes_ = 0;

  std::unique_ptr<gzip_inflater> gzip_;
  bool inflater_has_more_ = false;

  // The beginning of the stream is held back in the buffer until it can be told from binary data.
  std::unique_ptr<std::byte[]> buffer_;
  std::size_t buffered_bytes_ = 0;
  bool prefix_checked_ = false;
  std::optional<error> not_text_;

  line_framer framer_;
  std::uint64_t bytes_compressed_ = 0;
  std::uint64_t bytes_inflated_ = 0;
};

}  // namespace ingestor::codec
