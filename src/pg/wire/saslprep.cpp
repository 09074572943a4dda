#include "pg/wire/saslprep.hpp"

#include <algorithm>
#include <idn-free.h>
#include <memory>
#include <stringprep.h>

namespace ingestor::pg::wire {
namespace {

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char each) { return static_cast<unsigned char>(each) < 0x80; });
}

struct freed {
  void operator()(char* text) const { idn_free(text); }
};

}  // namespace

std::string saslprep(std::string_view password) {
  const std::string typed{password};
  if (is_ascii(password) || typed.find('\0') != std::string::npos) return typed;
  char* found = nullptr;
  const int failure =
      stringprep_profile(typed.c_str(), &found, "SASLprep", STRINGPREP_NO_UNASSIGNED);
  const std::unique_ptr<char, freed> prepared{found};
  if (failure != STRINGPREP_OK || *prepared == '\0') return typed;
  return prepared.get();
}

}  // namespace ingestor::pg::wire
