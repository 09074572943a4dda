// The errors that this side raises about the other one.
#pragma once

#include "pg/fsm/error.hpp"
#include "pg/wire/malformed.hpp"

#include <string>

namespace ingestor::pg::fsm {

/// The connection must be closed: nobody knows any more what its bytes mean.
inline error violation(std::string message) {
  return make_error(error_category::protocol_violation, std::move(message));
}

inline error violation(const wire::malformed& what) {
  return violation("the server does not speak the protocol: " + what.reason);
}

/// A message of a known type where the grammar has no place for it.
inline error out_of_place(char type) {
  return violation("the server does not speak the protocol: a message of type '" +
                   std::string{type} + "' came out of order");
}

}  // namespace ingestor::pg::fsm
