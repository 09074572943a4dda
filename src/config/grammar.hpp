// What one variable accepts. A grammar turns text into a value, and says in words what it takes:
// the words end up in the message about a value that it refused.
//
//   struct grammar { using value = …; std::optional<value> parse(std::string_view) const;
//                    std::string accepted() const; };
#pragma once

#include "config/listen_address.hpp"
#include "config/quantity.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ingestor::config {

/// Bounds are inclusive here and below.
struct whole_number {
  using value = std::uint64_t;
  value least;
  value most;

  std::optional<value> parse(std::string_view text) const;
  std::string accepted() const;
};

struct duration {
  using value = std::chrono::milliseconds;
  value least;
  value most;

  std::optional<value> parse(std::string_view text) const;
  std::string accepted() const;
};

struct size {
  using value = std::uint64_t;
  value least;
  value most;

  std::optional<value> parse(std::string_view text) const;
  std::string accepted() const;
};

struct share {
  using value = double;

  std::optional<value> parse(std::string_view text) const { return parse_share(text); }
  std::string accepted() const { return "a percentage from 0% to 100%"; }
};

struct listener {
  using value = listen_address;

  std::optional<value> parse(std::string_view text) const { return parse_listen_address(text); }
  std::string accepted() const { return "an address and a port such as 0.0.0.0:8080 or [::]:8080"; }
};

/// Any text without control characters, of a bounded length.
struct printable {
  using value = std::string;
  std::size_t bytes_max;

  std::optional<value> parse(std::string_view text) const;
  std::string accepted() const;
};

enum class blanks { none, inside };

/// A name that people see and the database stores: printable ASCII of a bounded length.
struct plain_name {
  using value = std::string;
  std::size_t bytes_max;
  blanks allowed = blanks::none;

  std::optional<value> parse(std::string_view text) const;
  std::string accepted() const;
};

/// One of a few words, in any case.
template <class T>
struct choice {
  using value = T;
  std::vector<std::pair<std::string_view, T>> words;

  std::optional<value> parse(std::string_view text) const;
  std::string accepted() const;
};

/// `off`, or what another grammar takes.
template <class Grammar>
struct or_off {
  using value = std::optional<typename Grammar::value>;
  Grammar grammar;

  std::optional<value> parse(std::string_view text) const;
  std::string accepted() const { return "off, or " + grammar.accepted(); }
};

bool is_ascii_alnum(char c);

/// ASCII only: the words of the environment are.
bool same_word(std::string_view a, std::string_view b);

template <class T>
std::optional<T> choice<T>::parse(std::string_view text) const {
  for (const auto& [word, meaning] : words) {
    if (same_word(text, word)) return meaning;
  }
  return std::nullopt;
}

template <class T>
std::string choice<T>::accepted() const {
  std::string out = "one of";
  for (const auto& [word, meaning] : words) {
    out.append(out == "one of" ? " " : ", ").append(word);
  }
  return out;
}

template <class Grammar>
std::optional<typename or_off<Grammar>::value> or_off<Grammar>::parse(std::string_view text) const {
  if (same_word(text, "off")) return value{std::nullopt};
  auto inner = grammar.parse(text);
  if (!inner) return std::nullopt;
  return value{std::move(*inner)};
}

}  // namespace ingestor::config
