#include "telemetry/page/retry_command.hpp"

#include "telemetry/page/text.hpp"

namespace ingestor::telemetry::page {

std::optional<std::string> retry_command(std::string_view key) {
  if (key.empty() || !is_plain(key)) return std::nullopt;
  std::string out = "ingestor retry --key='";
  for (const char c : key) {
    // See ledger/glob.hpp for what is no character of its own there.
    if (c == '*' || c == '?' || c == '[' || c == '\\') out += '\\';
    if (c == '\'') {
      out += "'\\''";
    } else {
      out += c;
    }
  }
  out += '\'';
  if (out.size() > retry_command_bytes_max) return std::nullopt;
  return out;
}

}  // namespace ingestor::telemetry::page
