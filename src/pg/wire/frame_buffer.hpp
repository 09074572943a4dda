// Where bytes from the server wait until they are whole frames.
#pragma once

#include "base/bytes.hpp"
#include "pg/wire/frame.hpp"

#include <cstddef>
#include <optional>
#include <vector>

namespace ingestor::pg::wire {

/// Room for one read. It holds any frame that may come before authentication, so that until then
/// the buffer never grows.
inline constexpr std::size_t frame_buffer_bytes = 32U * 1024;

/// Grows only for a frame whose length was found permissible, and then by doubling as its bytes
/// really arrive: a peer that claims 60 MiB and sends nothing costs nothing.
class frame_buffer {
 public:
  frame_buffer();

  /// Room for the next read, never empty. Ends the life of every frame taken so far.
  mutable_bytes prepare();
  void commit(std::size_t bytes);

  /// The next whole frame, or nothing when more bytes are needed.
  decoded<std::optional<frame>> next(const frame_limits& limits);

  /// Bytes that wait here, in whole frames or not.
  std::size_t waiting() const { return end_ - begin_; }
  /// The type of the frame that comes next, whole or not. Something must wait.
  char next_type() const;
  /// Takes one byte that is no frame: the answer to SSLRequest. Something must wait.
  char take_byte();

  std::size_t capacity() const { return bytes_.size(); }

 private:
  void move_to_front();

  std::vector<std::byte> bytes_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  /// Size of the frame that is arriving, its header included; 0 while unknown.
  std::size_t wanted_ = 0;
};

}  // namespace ingestor::pg::wire
