#include "base/secret.hpp"

#include "base/secret_shapes.hpp"
#include "base/wipe.hpp"

#include <algorithm>
#include <bitset>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

namespace ingestor {
namespace {

constexpr std::string_view in_its_place = "***";

/// What texts are searched for: the shapes of all secrets that are alive. Nearly every position of
/// a text is passed over by one look at its two bytes.
class searched_shapes {
 public:
  void add(std::string_view shape) {
    const auto start = start_of(shape);
    shapes_.emplace(start, shape);
    starts_.set(start);
  }

  void remove(std::string_view shape) {
    const auto start = start_of(shape);
    const auto [begin, end] = shapes_.equal_range(start);
    const auto mine = std::find_if(
        begin, end, [&](const auto& one) { return one.second.data() == shape.data(); });
    if (mine != end) shapes_.erase(mine);
    starts_.set(start, shapes_.contains(start));
  }

  std::string_view hide(std::string_view text, std::string& room) {
    room.clear();
    std::size_t copied = 0;
    for (std::size_t at = 0; at + hidden_bytes_min <= text.size();) {
      const auto bytes = starts_.test(start_of(text.substr(at))) ? hidden_at(text.substr(at)) : 0;
      if (bytes == 0) {
        ++at;
        continue;
      }
      room.append(text.substr(copied, at - copied)).append(in_its_place);
      at += bytes;
      copied = at;
    }
    if (copied == 0) return text;
    return room.append(text.substr(copied));
  }

 private:
  static std::uint16_t start_of(std::string_view text) {
    const auto high = static_cast<unsigned char>(text[0]);
    const auto low = static_cast<unsigned char>(text[1]);
    return static_cast<std::uint16_t>(high << 8U | low);
  }

  /// How many bytes of the front are a secret, or the beginning of one.
  std::size_t hidden_at(std::string_view text) const {
    std::size_t most = 0;
    const auto [begin, end] = shapes_.equal_range(start_of(text));
    for (auto one = begin; one != end; ++one) {
      const auto& shape = one->second;
      const auto differs = std::ranges::mismatch(text, shape).in1;
      const auto same = static_cast<std::size_t>(differs - text.begin());
      if (same == shape.size() || same >= hidden_start_bytes_min) most = std::max(most, same);
    }
    return most;
  }

  /// By their first two bytes.
  std::multimap<std::uint16_t, std::string_view> shapes_;
  std::bitset<std::size_t{1} << 16U> starts_;
};

searched_shapes& searched() {
  static searched_shapes all;
  return all;
}

bool is_searched_for(std::string_view value) {
  const bool word = std::ranges::all_of(value, [](char c) { return c >= 'a' && c <= 'z'; });
  return value.size() >= hidden_bytes_min && !word;
}

}  // namespace

struct secret::held {
  explicit held(std::string&& given) : value{std::move(given)} {
    if (!is_searched_for(value)) return;
    shapes = shapes_of(value);
    for (const auto& shape : shapes) searched().add(shape);
  }
  ~held() {
    for (auto& shape : shapes) {
      searched().remove(shape);
      wipe(shape);
    }
    wipe(value);
  }
  held(const held&) = delete;
  held& operator=(const held&) = delete;

  std::string value;
  std::vector<std::string> shapes;
};

secret::secret(std::string value) {
  if (!value.empty()) held_ = std::make_shared<held>(std::move(value));
  wipe(value);
}

const std::string& secret::reveal() const {
  static const std::string none;
  return held_ ? held_->value : none;
}

std::string_view without_secrets(std::string_view text, std::string& room) {
  return searched().hide(text, room);
}

std::string without_secrets(std::string_view text) {
  std::string room;
  return std::string{without_secrets(text, room)};
}

}  // namespace ingestor
