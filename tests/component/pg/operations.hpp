// Every operation of the client, each with a session in which it goes well.
#pragma once

#include "pg/fsm/error.hpp"
#include "pg/wire/copy_binary.hpp"
#include "script.hpp"
#include "session_play.hpp"

#include <string>
#include <vector>

namespace ingestor::pg {

/// The client's part notes two outcomes: that of the operation, and, where there is a session, that
/// of a query behind it, which the server answers with value_of_queries_behind_the_script.
struct operation {
  std::string name;
  /// By whose rules the server's errors are read.
  phase during = phase::statement;
  script steps;
  /// The step with which the operation begins; those before it are the logging in.
  std::size_t from = 0;
  client_part client = nullptr;
  bool over_tls = false;
  /// It says only whether, not why not: that counts as an error of category connection here.
  bool says_yes_or_no = false;
  /// The server's error is what the client asked for.
  bool ends_with_a_refusal = false;
  /// Whatever becomes of it, the session stays as it was.
  bool leaves_the_session_alone = false;
};

std::vector<operation> all_operations(bool over_tls);

/// Of one bigint each, ready to be sent.
wire::copy_buffer two_rows();

/// The messages, each as a step.
script says_each(std::string_view messages);

/// Up to the first message of the client that is not about TLS.
script opening(bool over_tls);

/// An exchange of SCRAM-SHA-256, up to and with AuthenticationOk.
script authenticates();

}  // namespace ingestor::pg
