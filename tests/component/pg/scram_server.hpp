// The server's side of SCRAM-SHA-256: it verifies the client's proof and gives its own.
// Source: RFC 5802, sections 3 and 5; RFC 7677.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ingestor::pg {

class scram_server {
 public:
  scram_server(std::string password, std::uint32_t iterations)
      : password_{std::move(password)}, iterations_{iterations} {}

  /// The server's first message, in answer to the client's.
  std::string challenge(std::string_view client_first);

  /// The server's final message: its signature when the client's proof is right, "e=invalid-proof"
  /// when it is not.
  std::string verdict(std::string_view client_final) const;

 private:
  std::string password_;
  std::uint32_t iterations_;
  /// The client's choice about channel binding, "n,," or another.
  std::string gs2_header_;
  std::string client_first_bare_;
  std::string server_first_;
  std::string nonce_;
};

}  // namespace ingestor::pg
