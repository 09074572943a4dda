#include "mutants.hpp"

#include "pg/wire/frame.hpp"
#include "pg/wire/reader.hpp"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <limits>
#include <random>

namespace ingestor::pg {
namespace {

using edit = std::function<std::string(std::string)>;

constexpr std::size_t length_at = 1;
constexpr std::size_t body_at = wire::frame_header_bytes;

std::int64_t number_at(const std::string& bytes, std::size_t at, std::size_t width) {
  wire::reader in{as_bytes(std::string_view{bytes}.substr(at))};
  return width == 2 ? in.int16() : in.int32();
}

std::string with_number(std::string bytes, std::size_t at, std::size_t width, std::int64_t value) {
  for (std::size_t i = 0; i < width; ++i) {
    bytes[at + i] = static_cast<char>(value >> (8 * (width - 1 - i)) & 0xff);
  }
  return bytes;
}

/// After a change of the body.
std::string with_right_length(std::string bytes) {
  const auto length = static_cast<std::int64_t>(bytes.size() - length_at);
  return with_number(std::move(bytes), length_at, 4, length);
}

class breeder {
 public:
  explicit breeder(const script& session) : session_{session} {}

  std::vector<mutant> all();

 private:
  void lengths(std::size_t at);
  void counts(std::size_t at);
  void types(std::size_t at);
  void bodies(std::size_t at);
  void bits(std::size_t at);
  void signatures(std::size_t at);
  void places(std::size_t at);
  void slow(std::size_t at);

  void edited(std::string family, std::size_t at, const std::string& how, edit change);
  void moved(std::string family, std::size_t at, const std::string& how, script steps);

  /// The request that a message answers, and the one behind it (or the end).
  std::size_t request_before(std::size_t at) const;
  std::size_t request_behind(std::size_t at) const;
  char type_of(std::size_t at) const;

  const script& session_;
  std::vector<mutant> born_;
  std::minstd_rand chance_{1};
};

std::vector<mutant> breeder::all() {
  for (std::size_t at = 0; at < session_.size(); ++at) {
    if (!is_message(session_[at]) || session_[at].bytes == "S") continue;
    lengths(at);
    counts(at);
    types(at);
    bodies(at);
    bits(at);
    signatures(at);
    places(at);
    slow(at);
  }
  return std::move(born_);
}

char breeder::type_of(std::size_t at) const {
  return session_[at].what == step::act::send ? session_[at].bytes.front() : 'R';
}

void breeder::moved(std::string family, std::size_t at, const std::string& how, script steps) {
  mutant one;
  one.name = family + ": message " + std::to_string(at) + " of type " + type_of(at) + " " + how;
  one.family = std::move(family);
  one.steps = std::move(steps);
  one.message = type_of(at);
  one.proves_nothing = session_[at].what != step::act::send;
  born_.push_back(std::move(one));
}

void breeder::edited(std::string family, std::size_t at, const std::string& how, edit change) {
  auto steps = session_;
  steps[at].edit = std::move(change);
  moved(std::move(family), at, how, std::move(steps));
}

void breeder::lengths(std::size_t at) {
  const auto set = [&](std::int64_t value) {
    edited("length", at, "claims " + std::to_string(value), [value](std::string bytes) {
      return with_number(std::move(bytes), length_at, 4, value);
    });
  };
  constexpr auto most = std::numeric_limits<std::int32_t>::max();
  constexpr auto least = std::numeric_limits<std::int32_t>::min();
  for (const std::int64_t value : {0, 3, 4, -1, least, most, 2'001, 30'001}) set(value);
  for (const int beyond : {0, 1}) {
    set(static_cast<std::int64_t>(wire::long_message_bytes_max) + beyond);
  }
  for (const int by : {-1, 1}) {
    edited("length", at, "claims " + std::to_string(by) + " more", [by](std::string bytes) {
      const auto length = number_at(bytes, length_at, 4);
      return with_number(std::move(bytes), length_at, 4, length + by);
    });
  }
}

/// Counts of columns and fields, lengths of fields.
void breeder::counts(std::size_t at) {
  const char type = type_of(at);
  const std::size_t count_at = type == 'G' ? body_at + 1 : body_at;
  if (type != 'T' && type != 'D' && type != 'G') return;
  const auto count = number_at(session_[at].bytes, count_at, 2);
  for (const std::int64_t value : {count - 1, count + 1, std::int64_t{0}, std::int64_t{1'665},
                                   std::int64_t{32'767}, std::int64_t{-1}}) {
    edited("count", at, "counts " + std::to_string(value), [count_at, value](std::string bytes) {
      return with_number(std::move(bytes), count_at, 2, value);
    });
  }
  if (type != 'D') return;
  const auto first = number_at(session_[at].bytes, count_at + 2, 4);
  for (const std::int64_t value : {first - 1, first + 1, std::int64_t{-1}, std::int64_t{-2},
                                   std::int64_t{std::numeric_limits<std::int32_t>::min()},
                                   std::int64_t{std::numeric_limits<std::int32_t>::max()}}) {
    edited("count", at, "has a field of " + std::to_string(value), [count_at, value](auto bytes) {
      return with_number(std::move(bytes), count_at + 2, 4, value);
    });
  }
  if (count < 2) return;
  edited("count", at, "has its fields parted elsewhere", [first](std::string bytes) {
    constexpr std::size_t first_at = body_at + 2;
    const auto second_at = first_at + 4 + static_cast<std::size_t>(first);
    const auto second = number_at(bytes, second_at, 4);
    // The first field takes the length of the second for its own end.
    bytes = with_number(std::move(bytes), first_at, 4, first + 4);
    bytes.erase(second_at + 4, 4);
    bytes = with_number(std::move(bytes), second_at + 4, 4, second - 8);
    return with_right_length(std::move(bytes));
  });
}

void breeder::types(std::size_t at) {
  std::string others = "RSKZENA123CDITtnsGHWdcv";
  std::shuffle(others.begin(), others.end(), chance_);
  others.resize(4);
  for (const char other : others + std::string{'\0', '\xff'}) {
    if (other == type_of(at)) continue;
    edited("type", at, "is of type " + std::to_string(static_cast<unsigned char>(other)),
           [other](std::string bytes) {
             bytes.front() = other;
             return bytes;
           });
  }
}

void breeder::bodies(std::size_t at) {
  edited("short", at, "lacks half of its body", [](std::string bytes) {
    bytes.resize(body_at + (bytes.size() - body_at) / 2);
    return with_right_length(std::move(bytes));
  });
  edited("short", at, "is cut", [](std::string bytes) {
    bytes.resize(bytes.size() - (bytes.size() - body_at + 1) / 2);
    return bytes;
  });
  edited("short", at, "has a byte too many",
         [](std::string bytes) { return with_right_length(std::move(bytes) + "x"); });
  edited("NUL", at, "has a NUL in its middle", [](std::string bytes) {
    bytes.insert(body_at + (bytes.size() - body_at) / 2, 1, '\0');
    return with_right_length(std::move(bytes));
  });
  edited("NUL", at, "begins with NUL", [](std::string bytes) {
    bytes.insert(body_at, 1, '\0');
    return with_right_length(std::move(bytes));
  });
}

void breeder::bits(std::size_t at) {
  for (int i = 0; i < 3; ++i) {
    const auto where = static_cast<std::size_t>(chance_());
    const auto bit = static_cast<char>(1 << chance_() % 8);
    edited("bits", at, "has a wrong bit, " + std::to_string(i), [where, bit](std::string bytes) {
      auto& hit = bytes[where % bytes.size()];
      hit = static_cast<char>(hit ^ bit);
      return bytes;
    });
  }
}

/// Well-formed, of the right length, and not the server's.
void breeder::signatures(std::size_t at) {
  if (session_[at].what != step::act::verdict) return;
  for (std::size_t i = 0; i < 9; ++i) {
    edited("bits", at, "has another signature, " + std::to_string(i), [i](std::string bytes) {
      const auto digit_at = body_at + 4 + 2 + 4 * i;
      // To a client that went away before its proof, the server has nothing to prove.
      if (digit_at < bytes.size()) bytes[digit_at] = bytes[digit_at] == 'A' ? 'B' : 'A';
      return bytes;
    });
  }
}

std::size_t breeder::request_before(std::size_t at) const {
  while (is_answer(session_[at])) --at;
  return at;
}

std::size_t breeder::request_behind(std::size_t at) const {
  while (at < session_.size() && is_answer(session_[at])) ++at;
  return at;
}

void breeder::places(std::size_t at) {
  const auto before = static_cast<std::ptrdiff_t>(request_before(at));
  const auto behind = static_cast<std::ptrdiff_t>(request_behind(at));
  const auto here = static_cast<std::ptrdiff_t>(at);

  auto steps = session_;
  steps.erase(steps.begin() + here);
  moved("dropped", at, "is dropped", steps);

  auto early = steps;
  early.insert(early.begin() + before, session_[at]);
  moved("early", at, "comes before it is asked for", std::move(early));
  if (before + 1 < here) {
    auto first = steps;
    first.insert(first.begin() + before + 1, session_[at]);
    moved("early", at, "comes first", std::move(first));
  }
  if (behind < std::ssize(session_)) {
    auto late = steps;
    late.insert(late.begin() + behind, session_[at]);
    moved("late", at, "comes behind the next request", std::move(late));
  }
  if (here + 1 < behind) {
    auto swapped = session_;
    std::swap(swapped[at], swapped[at + 1]);
    moved("order", at, "comes behind the next message", std::move(swapped));
  }
  for (const std::size_t times : {1U, 100U}) {
    auto repeated = session_;
    repeated.insert(repeated.begin() + here, times, session_[at]);
    moved("duplicated", at, "comes " + std::to_string(times) + " times more", std::move(repeated));
  }
}

void breeder::slow(std::size_t at) {
  auto steps = session_;
  steps[at].one_byte_at_a_time = true;
  moved("slow", at, "comes one byte at a time", std::move(steps));
  born_.back().harmless = true;
  born_.back().proves_nothing = false;
}

}  // namespace

std::vector<mutant> mutants_of(const script& session) {
  return breeder{session}.all();
}

}  // namespace ingestor::pg
