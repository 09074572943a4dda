#include "s3/proto/checksum.hpp"

#include "base/base64.hpp"

#include <boost/crc.hpp>
#include <isa-l/crc.h>
#include <openssl/evp.h>

#include <array>
#include <cstdint>
#include <span>
#include <stdexcept>

namespace ingestor::s3::proto {
namespace {

template <class Number>
std::string base64_of(Number value) {
  std::array<std::byte, sizeof(Number)> big_endian{};
  for (auto at = big_endian.rbegin(); at != big_endian.rend(); ++at) {
    *at = static_cast<std::byte>(value & 0xffU);
    value = static_cast<Number>(value >> 8U);
  }
  return base64_encode(big_endian);
}

/// ISA-L takes what it does not change through a pointer that is not const.
unsigned char* octets(const_bytes piece) {
  return reinterpret_cast<unsigned char*>(const_cast<std::byte*>(piece.data()));
}

class crc32 final : public checksum {
 public:
  using checksum::checksum;
  void update(const_bytes piece) override {
    state_ = crc32_gzip_refl(state_, octets(piece), piece.size());
  }
  std::string actual() override { return base64_of(state_); }

 private:
  std::uint32_t state_ = 0;
};

class crc32c final : public checksum {
 public:
  using checksum::checksum;
  void update(const_bytes piece) override {
    // Its length is an int; pieces are of some hundred KiB.
    state_ = crc32_iscsi(octets(piece), static_cast<int>(piece.size()), state_);
  }
  std::string actual() override { return base64_of(static_cast<std::uint32_t>(~state_)); }

 private:
  std::uint32_t state_ = 0xffffffffU;
};

class crc64nvme final : public checksum {
 public:
  using checksum::checksum;
  void update(const_bytes piece) override { state_.process_bytes(piece.data(), piece.size()); }
  std::string actual() override { return base64_of(std::uint64_t{state_.checksum()}); }

 private:
  boost::crc_optimal<64, 0xAD93D23594C93659, 0xffffffffffffffff, 0xffffffffffffffff, true, true>
      state_;
};

class message_digest final : public checksum {
 public:
  message_digest(std::string_view header, std::string_view expected, const EVP_MD* kind)
      : checksum{header, expected}, state_{EVP_MD_CTX_new(), EVP_MD_CTX_free} {
    if (state_ == nullptr || EVP_DigestInit_ex(state_.get(), kind, nullptr) != 1) {
      throw std::runtime_error{"OpenSSL has no SHA"};
    }
  }
  void update(const_bytes piece) override {
    EVP_DigestUpdate(state_.get(), piece.data(), piece.size());
  }
  std::string actual() override {
    std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
    unsigned length = 0;
    EVP_DigestFinal_ex(state_.get(), out.data(), &length);
    return base64_encode(std::as_bytes(std::span{out}.first(length)));
  }

 private:
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> state_;
};

}  // namespace

std::unique_ptr<checksum> expect_checksum(std::string_view header, std::string_view value,
                                          std::string_view type) {
  const bool of_parts = type == "COMPOSITE" || value.find('-') != std::string_view::npos;
  if (value.empty() || of_parts) return nullptr;
  if (header == "x-amz-checksum-crc32c") return std::make_unique<crc32c>(header, value);
  if (header == "x-amz-checksum-crc32") return std::make_unique<crc32>(header, value);
  if (header == "x-amz-checksum-crc64nvme") return std::make_unique<crc64nvme>(header, value);
  if (header == "x-amz-checksum-sha256") {
    return std::make_unique<message_digest>(header, value, EVP_sha256());
  }
  if (header == "x-amz-checksum-sha1") {
    return std::make_unique<message_digest>(header, value, EVP_sha1());
  }
  return nullptr;
}

}  // namespace ingestor::s3::proto
