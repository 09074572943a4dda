#include "codec/gzip_inflater.hpp"

#include <isa-l/igzip_lib.h>
#include <libdeflate.h>

#include <algorithm>
#include <limits>

namespace ingestor::codec {
namespace {

constexpr std::byte member_begins{0x1f};
constexpr std::byte padding{0};

std::uint32_t little_endian(const unsigned char* bytes) {
  std::uint32_t value = 0;
  for (unsigned i = 0; i < 4; ++i) value |= static_cast<std::uint32_t>(bytes[i]) << (8 * i);
  return value;
}

/// ISA-L counts in 32 bits.
std::uint32_t bounded(std::size_t size) {
  constexpr std::size_t most = std::numeric_limits<std::uint32_t>::max();
  return static_cast<std::uint32_t>(std::min(size, most));
}

std::string deflate_fault(int code) {
  switch (code) {
    case ISAL_INVALID_BLOCK:
      return "invalid DEFLATE block";
    case ISAL_INVALID_SYMBOL:
      return "invalid DEFLATE symbol";
    case ISAL_INVALID_LOOKBACK:
      return "DEFLATE distance points before the data";
    default:
      return "invalid DEFLATE data (" + std::to_string(code) + ")";
  }
}

}  // namespace

gzip_inflater::gzip_inflater() : deflate_{std::make_unique<inflate_state>()} {
  reset();
}

gzip_inflater::~gzip_inflater() = default;

void gzip_inflater::reset() {
  header_.reset();
  phase_ = phase::header;
  member_ = 1;
  consumed_ = 0;
}

result<std::size_t, error> gzip_inflater::inflate(const_bytes& input, mutable_bytes output) {
  const auto room = output.size();
  while (!output.empty()) {
    const auto before = input.size();
    const auto more = step(input, output);
    consumed_ += before - input.size();
    if (!more) return fault(more.error().kind, more.error().message);
    if (!*more) break;
  }
  return room - output.size();
}

/// False when nothing more can be done without further input.
result<bool, error> gzip_inflater::step(const_bytes& input, mutable_bytes& output) {
  if (phase_ == phase::body) return body_step(input, output);
  if (phase_ == phase::trailer) return trailer_step(input);
  if (input.empty()) return false;
  return phase_ == phase::header ? header_step(input) : between_step(input);
}

result<bool, error> gzip_inflater::header_step(const_bytes& input) {
  const auto complete = header_.consume(input);
  if (!complete) return complete.error();
  if (*complete) begin_body();
  return true;
}

void gzip_inflater::begin_body() {
  isal_inflate_init(deflate_.get());
  deflate_->crc_flag = ISAL_DEFLATE;
  member_crc_ = 0;
  member_bytes_ = 0;
  phase_ = phase::body;
}

result<bool, error> gzip_inflater::body_step(const_bytes& input, mutable_bytes& output) {
  const auto in = bounded(input.size());
  const auto out = bounded(output.size());
  // ISA-L only reads through next_in; its interface predates const.
  deflate_->next_in = reinterpret_cast<std::uint8_t*>(const_cast<std::byte*>(input.data()));
  deflate_->avail_in = in;
  deflate_->next_out = reinterpret_cast<std::uint8_t*>(output.data());
  deflate_->avail_out = out;
  const int code = isal_inflate(deflate_.get());
  const auto taken = in - deflate_->avail_in;
  const auto written = out - deflate_->avail_out;
  input = input.subspan(taken);
  if (code < 0) return error{error_kind::corrupt, deflate_fault(code)};
  if (written != 0) member_crc_ = libdeflate_crc32(member_crc_, output.data(), written);
  member_bytes_ += written;
  output = output.subspan(written);
  if (deflate_->block_state == ISAL_BLOCK_FINISH) {
    end_body();
    return true;
  }
  return taken != 0 || written != 0;
}

/// The decoder reads ahead by up to eight whole bytes. They are the beginning of the trailer, and
/// may have come from an input that is gone.
void gzip_inflater::end_body() {
  const auto partial_bits = deflate_->read_in_length % 8;
  auto ahead = deflate_->read_in >> partial_bits;
  const auto bytes = static_cast<std::size_t>(deflate_->read_in_length / 8);
  for (trailer_bytes_ = 0; trailer_bytes_ < bytes; ++trailer_bytes_) {
    trailer_[trailer_bytes_] = static_cast<unsigned char>(ahead & 0xff);
    ahead >>= 8;
  }
  phase_ = phase::trailer;
}

result<bool, error> gzip_inflater::trailer_step(const_bytes& input) {
  while (trailer_bytes_ < trailer_.size() && !input.empty()) {
    trailer_[trailer_bytes_++] = static_cast<unsigned char>(input.front());
    input = input.subspan(1);
  }
  if (trailer_bytes_ < trailer_.size()) return false;
  if (auto wrong = verify_trailer()) return *wrong;
  phase_ = phase::between;
  return true;
}

std::optional<error> gzip_inflater::verify_trailer() const {
  if (little_endian(trailer_.data()) != member_crc_) {
    return error{error_kind::corrupt, "the CRC-32 does not match the data"};
  }
  if (little_endian(trailer_.data() + 4) != member_bytes_) {
    return error{error_kind::corrupt, "the length does not match the data"};
  }
  return std::nullopt;
}

result<bool, error> gzip_inflater::between_step(const_bytes& input) {
  if (phase_ == phase::between && input.front() == member_begins) {
    header_.reset();
    ++member_;
    phase_ = phase::header;
    return true;
  }
  phase_ = phase::padding;
  const auto zeros = std::find_if(input.begin(), input.end(), [](auto b) { return b != padding; });
  const auto garbage = zeros != input.end();
  input = input.subspan(static_cast<std::size_t>(zeros - input.begin()));
  if (garbage) {
    return error{error_kind::trailing_garbage, "what follows is neither another member nor zeros"};
  }
  return true;
}

std::optional<error> gzip_inflater::end_of_input() const {
  if (phase_ == phase::between || phase_ == phase::padding) return std::nullopt;
  return fault(error_kind::truncated, "the compressed data ends too early");
}

error gzip_inflater::fault(error_kind kind, const std::string& what) const {
  return {kind, "gzip member " + std::to_string(member_) + ": " + what + " (near compressed byte " +
                    std::to_string(consumed_) + ")"};
}

}  // namespace ingestor::codec
