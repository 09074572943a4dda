// Any bytes as what a server sends: the frame buffer gives the frames that were sent, whole and in
// order, within its memory, whatever lengths are claimed; and a body that decodes as a message, of
// either direction, is what that message encodes to.
//
// The first four bytes choose: 'a' for a peer that has yet to authenticate; the limit of a row, in
// units of 256 bytes; the square root of how many bytes arrive together; how many times the rest
// is sent, so that short inputs fill buffers too.
#include "message_bodies.hpp"
#include "pg/wire/authentication.hpp"
#include "pg/wire/frame_buffer.hpp"
#include "pg/wire/reader.hpp"
#include "require.hpp"

#include <algorithm>
#include <cstdint>
#include <variant>
#include <vector>

namespace {

using namespace ingestor;
using namespace ingestor::pg;

constexpr std::size_t choices_bytes = 4;
constexpr std::size_t sent_bytes_max = 256U * 1024;

/// A connection on which `sent` arrives piece by piece.
class connection {
 public:
  connection(const_bytes sent, wire::frame_limits limits, std::size_t piece_bytes)
      : sent_{sent}, limits_{limits}, piece_bytes_{piece_bytes} {}

  /// To the end, or to the first frame that is refused. Bodies that begin within the first
  /// `distinct` bytes are decoded.
  void run(std::size_t distinct) {
    for (;;) {
      const auto next = buffer_.next(limits_);
      if (!next) return require(!next.error().reason.empty());
      if (*next) {
        check_frame(**next);
        if (taken_ < distinct) pg::wire::check_as_every_message((*next)->body);
        taken_ += wire::frame_header_bytes + (*next)->body.size();
        if (is_ok(**next)) limits_.at = wire::stage::established;
      } else if (arrived_ < sent_.size()) {
        receive_piece();
      } else {
        return;
      }
    }
  }

 private:
  static bool is_ok(const wire::frame& frame) {
    if (frame.type != wire::authentication::type) return false;
    const auto message = wire::authentication::decode(frame.body);
    return message && std::holds_alternative<wire::authentication_ok>(message->request);
  }

  void check_frame(const wire::frame& frame) const {
    wire::reader sent{sent_.subspan(taken_)};
    const auto length = frame.body.size() + 4;
    require(static_cast<char>(sent.byte()) == frame.type);
    require(static_cast<std::size_t>(sent.int32()) == length);
    require(std::ranges::equal(sent.bytes(frame.body.size()), frame.body));
    if (limits_.at == wire::stage::authenticating) {
      require(length <=
              (frame.type == 'R' ? wire::authentication_bytes_max : wire::short_message_bytes_max));
    } else {
      require(length <= (frame.type == 'D' ? limits_.row_bytes_max : wire::long_message_bytes_max));
    }
  }

  void receive_piece() {
    const auto room = buffer_.prepare();
    require(!room.empty());
    const auto rest = sent_.subspan(arrived_);
    const auto piece = rest.first(std::min({piece_bytes_, room.size(), rest.size()}));
    std::ranges::copy(piece, room.begin());
    if (buffer_.waiting() == 0) most_waiting_ = 0;
    buffer_.commit(piece.size());
    arrived_ += piece.size();
    require(buffer_.waiting() == arrived_ - taken_);
    require(buffer_.next_type() == static_cast<char>(sent_[taken_]));
    most_waiting_ = std::max(most_waiting_, buffer_.waiting());
    check_memory();
  }

  /// Since it was empty, the buffer has at most doubled what really came, for a frame that may be
  /// so long, and added room for one read; it has not grown at all for a stranger.
  void check_memory() const {
    const auto longest = std::max(wire::long_message_bytes_max, limits_.row_bytes_max) + 1;
    const bool stranger = limits_.at == wire::stage::authenticating;
    const auto grown = stranger ? 0 : std::min(2 * most_waiting_, longest);
    require(buffer_.capacity() <= wire::frame_buffer_bytes + grown);
  }

  const_bytes sent_;
  wire::frame_limits limits_;
  std::size_t piece_bytes_;
  wire::frame_buffer buffer_;
  std::size_t arrived_ = 0;
  std::size_t taken_ = 0;
  std::size_t most_waiting_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < choices_bytes) return 0;
  const auto body = std::as_bytes(std::span{data, size}).subspan(choices_bytes);
  const wire::frame_limits limits{
      data[0] == 'a' ? wire::stage::authenticating : wire::stage::established,
      std::size_t{256} * data[1]};
  std::vector<std::byte> sent;
  for (int times = 0; times <= data[3] && sent.size() + body.size() <= sent_bytes_max; ++times) {
    sent.insert(sent.end(), body.begin(), body.end());
  }
  connection{sent, limits, std::size_t{1} + data[2] * data[2]}.run(body.size());
  return 0;
}
