#include "pg/wire/saslprep.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <idn-free.h>
#include <memory>
#include <span>
#include <stringprep.h>
#include <vector>

namespace ingestor::pg::wire {
namespace {

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char each) { return static_cast<unsigned char>(each) < 0x80; });
}

struct freed {
  void operator()(void* memory) const { idn_free(memory); }
};

template <class T>
using owned = std::unique_ptr<T[], freed>;

struct correction {
  std::uint32_t character;
  std::uint32_t normal;
};

/// libidn normalises as Unicode 3.2 did, PostgreSQL as Unicode does since it found five mistakes in
/// that (Corrigendum #4).
constexpr auto corrections = std::to_array<correction>({
    {0x2f868, 0x36fc},
    {0x2f874, 0x5f53},
    {0x2f91f, 0x243ab},
    {0x2f95f, 0x7aee},
    {0x2f9bf, 0x45d7},
});

void correct(std::span<std::uint32_t> characters) {
  for (auto& each : characters) {
    for (const auto& [character, normal] : corrections) {
      if (each == character) each = normal;
    }
  }
}

/// SASLprep without its normalisation: PostgreSQL judges the characters before that.
std::vector<Stringprep_profile> before_normalisation() {
  std::vector<Stringprep_profile> steps;
  const auto* step = static_cast<const Stringprep_profile*>(stringprep_saslprep);
  for (; step->operation != 0; ++step) {
    if (step->operation != STRINGPREP_NFKC) steps.push_back(*step);
  }
  steps.push_back({});
  return steps;
}

}  // namespace

std::string saslprep(std::string_view password) {
  std::string typed{password};
  if (is_ascii(password) || typed.find('\0') != std::string::npos) return typed;
  std::size_t length = 0;
  const owned<std::uint32_t> characters{
      stringprep_utf8_to_ucs4(typed.data(), static_cast<ssize_t>(typed.size()), &length)};
  if (!characters) return typed;
  static const auto steps = before_normalisation();
  // None of the steps makes a text longer.
  const int failure =
      stringprep_4i(characters.get(), &length, length + 1, STRINGPREP_NO_UNASSIGNED, steps.data());
  if (failure != STRINGPREP_OK || length == 0) return typed;
  correct({characters.get(), length});
  const owned<std::uint32_t> normal{
      stringprep_ucs4_nfkc_normalize(characters.get(), static_cast<ssize_t>(length))};
  if (!normal) return typed;
  const owned<char> prepared{stringprep_ucs4_to_utf8(normal.get(), -1, nullptr, nullptr)};
  return prepared ? prepared.get() : typed;
}

}  // namespace ingestor::pg::wire
