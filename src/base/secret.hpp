// A value that must not be seen: a password, a secret key, a session token.
//
// Two walls. By its type a secret cannot become a text by accident. And where the text is somebody
// else's (a server's error that echoes the request, the words of a credential_process) no type can
// help: there without_secrets() takes out every secret that is alive, by its value. All that is
// logged, printed, shown as HTML or JSON, or written into the ledger as an error passes through it.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace ingestor {

/// It does not convert to a string, cannot be appended to one, has no stream operator and no
/// formatter. reveal() is the one way out, and belongs next to the code that signs or
/// authenticates. The value is in memory once, however many copies of the secret there are, and is
/// overwritten when the last one goes. The last one must go, and secrets be made, on the thread
/// that writes texts.
class secret {
 public:
  secret() = default;
  /// Wipes what it was given; what the caller copied that from is the caller's.
  explicit secret(std::string value);

  const std::string& reveal() const;
  bool empty() const { return held_ == nullptr; }

  friend bool operator==(const secret& a, const secret& b) { return a.reveal() == b.reveal(); }

 private:
  struct held;
  /// Null: empty.
  std::shared_ptr<const held> held_;
};

/// A secret that is shorter, or that is only small letters, is not looked for in texts: it may be a
/// word like any other ("postgres"), and what is missing from a known sentence would tell it.
inline constexpr std::size_t hidden_bytes_min = 8;
/// So many bytes of a secret's beginning are taken out too: a text may have been cut within it.
inline constexpr std::size_t hidden_start_bytes_min = 12;

/// `text` with `***` for each secret that is alive, as it is, percent-encoded, in base64 or in
/// hexadecimal digits, or as JSON, XML and HTML write it. Returns `text` itself where there is
/// none, else a view of `room`.
std::string_view without_secrets(std::string_view text, std::string& room);

std::string without_secrets(std::string_view text);

}  // namespace ingestor
