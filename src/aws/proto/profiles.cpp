#include "aws/proto/profiles.hpp"

#include "aws/proto/shell_words.hpp"

#include <utility>
#include <vector>

namespace ingestor::aws {
namespace {

using sections = std::vector<ini_section>;

ingestor::result<sections, std::string> sections_of(const profile_file& file) {
  if (!file.text) return sections{};
  auto parsed = parse_ini(*file.text, {});
  if (!parsed) return file.path + ": " + parsed.error();
  return std::move(*parsed);
}

/// The profile that a section of the config file describes; nothing where it describes none.
std::optional<std::string> profile_of(std::string_view section) {
  if (section == "default") return std::string{section};
  if (!section.starts_with("profile")) return std::nullopt;
  auto words = shell_words(section);
  if (!words || words->size() != 2) return std::nullopt;
  return std::move(words->back());
}

}  // namespace

const ini_value* profile::find(std::string_view name) const {
  const auto found = values_.find(name);
  return found == values_.end() ? nullptr : &found->second;
}

std::string profile::get(std::string_view name) const {
  const auto* const value = find(name);
  return value == nullptr ? std::string{} : value->text;
}

void profile::add(const entries& others) {
  for (const auto& [name, value] : others) values_.try_emplace(name, value);
}

ingestor::result<profiles, std::string> profiles::parse(const profile_file& credentials,
                                                        const profile_file& config) {
  const auto in_credentials = sections_of(credentials);
  if (!in_credentials) return in_credentials.error();
  const auto in_config = sections_of(config);
  if (!in_config) return in_config.error();

  profiles out;
  for (const auto& each : *in_credentials) {
    auto& into = out.named_[each.name];
    into.credentials.add(each.entries);
    into.merged.add(each.entries);
  }
  // [default] and [profile default] are the same profile: the later of them counts alone.
  std::map<std::string, const ini_section*> described;
  for (const auto& each : *in_config) {
    if (auto name = profile_of(each.name)) described[std::move(*name)] = &each;
  }
  for (const auto& [name, section] : described) {
    auto& into = out.named_[name];
    into.config.add(section->entries);
    into.merged.add(section->entries);
  }
  return out;
}

const named_profile* profiles::find(std::string_view name) const {
  const auto found = named_.find(name);
  return found == named_.end() ? nullptr : &found->second;
}

}  // namespace ingestor::aws
