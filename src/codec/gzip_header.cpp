#include "codec/gzip_header.hpp"

#include <libdeflate.h>

#include <algorithm>

namespace ingestor::codec {
namespace {

constexpr std::size_t fixed_bytes = 10;
constexpr std::array<unsigned char, 2> magic{0x1f, 0x8b};
constexpr unsigned char method_deflate = 8;

// RFC 1952, "FLG". Bit 0 (FTEXT) is only a hint.
constexpr unsigned char flag_header_crc = 0x02;
constexpr unsigned char flag_extra = 0x04;
constexpr unsigned char flag_name = 0x08;
constexpr unsigned char flag_comment = 0x10;
constexpr unsigned char flags_reserved = 0xe0;

}  // namespace

result<bool, error> gzip_header_reader::consume(const_bytes& input) {
  while (part_ != part::done && !input.empty()) {
    // The checksum covers everything in front of itself.
    if (part_ != part::checksum) crc_ = libdeflate_crc32(crc_, input.data(), 1);
    const auto byte = static_cast<unsigned char>(input.front());
    input = input.subspan(1);
    const auto next = step(byte);
    if (!next) return next.error();
    part_ = *next;
  }
  return part_ == part::done;
}

bool gzip_header_reader::collect(unsigned char byte, std::size_t wanted) {
  field_[field_bytes_++] = byte;
  if (field_bytes_ < wanted) return false;
  field_bytes_ = 0;
  return true;
}

result<gzip_header_reader::part, error> gzip_header_reader::step(unsigned char byte) {
  switch (part_) {
    case part::fixed:
      return fixed_step(byte);
    case part::extra_length:
      if (!collect(byte, 2)) return part_;
      extra_left_ = field_[0] + 256U * field_[1];
      return extra_left_ == 0 ? after(part::extra) : part::extra;
    case part::extra:
      return --extra_left_ == 0 ? after(part::extra) : part_;
    case part::name:
    case part::comment:
      return byte == 0 ? after(part_) : part_;
    case part::checksum:
      if (!collect(byte, 2)) return part_;
      if (field_[0] + 256U * field_[1] != (crc_ & 0xffffU)) {
        return error{error_kind::corrupt, "the header's checksum does not match it"};
      }
      return part::done;
    case part::done:
      break;
  }
  return part::done;
}

result<gzip_header_reader::part, error> gzip_header_reader::fixed_step(unsigned char byte) {
  const auto complete = collect(byte, fixed_bytes);
  // Said as soon as it is known: two bytes of garbage are not the beginning of a member.
  if (field_bytes_ == magic.size() && !std::equal(magic.begin(), magic.end(), field_.begin())) {
    return error{error_kind::trailing_garbage, "what follows is neither another member nor zeros"};
  }
  if (!complete) return part_;
  if (field_[2] != method_deflate) {
    return error{error_kind::corrupt, "unknown compression method " + std::to_string(field_[2])};
  }
  if ((field_[3] & flags_reserved) != 0) {
    return error{error_kind::corrupt, "reserved header flags are set"};
  }
  flags_ = field_[3];
  return after(part::fixed);
}

gzip_header_reader::part gzip_header_reader::after(part finished) const {
  if (finished < part::extra_length && (flags_ & flag_extra) != 0) return part::extra_length;
  if (finished < part::name && (flags_ & flag_name) != 0) return part::name;
  if (finished < part::comment && (flags_ & flag_comment) != 0) return part::comment;
  if (finished < part::checksum && (flags_ & flag_header_crc) != 0) return part::checksum;
  return part::done;
}

}  // namespace ingestor::codec
