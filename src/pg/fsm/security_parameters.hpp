// Those parameters of a connection URI on which it depends who can listen, and who can pretend.
// Source: PostgreSQL documentation, "Parameter Key Words", "SSL Support".
#pragma once

#include "pg/fsm/connection_options.hpp"
#include "pg/fsm/parameter_mistakes.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace ingestor::pg::fsm {

class security_parameters {
 public:
  /// Both must outlive this object.
  security_parameters(connection_options& into, parameter_mistakes& mistakes)
      : into_{into}, mistakes_{mistakes} {}

  /// Whether the parameter is one of these.
  bool apply(std::string_view name, const std::string& value);

  /// Fills in what was not said, and finds what contradicts itself. Certificates with
  /// sslmode=disable do not, as with libpq: they say what to trust and to show, not to use TLS.
  void finish(const connection_defaults& defaults);

 private:
  bool apply_tls(std::string_view name, const std::string& value);
  void require_auth(std::string_view list);
  void root_certificate(const connection_defaults& defaults);
  void own_certificate(const connection_defaults& defaults);
  void contradictions();

  connection_options& into_;
  parameter_mistakes& mistakes_;
  std::optional<ssl_mode> sslmode_;
};

}  // namespace ingestor::pg::fsm
