// A session with one thing wrong: every thing that can be, in families.
#pragma once

#include "script.hpp"

#include <string>
#include <vector>

namespace ingestor::pg {

struct mutant {
  /// length, count, order, type, duplicated, early, late, dropped, slow, short, NUL, bits.
  std::string family;
  std::string name;
  script steps;
  /// The type of the message that is not what it should be.
  char message = 0;
  /// Without what was changed the server has not proven that it knows the password.
  bool proves_nothing = false;
  /// The bytes are those of the session, only slower.
  bool harmless = false;
};

/// The same for the same session, each time.
std::vector<mutant> mutants_of(const script& session);

}  // namespace ingestor::pg
