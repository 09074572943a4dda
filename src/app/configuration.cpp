#include "app/configuration.hpp"

#include <iostream>
#include <utility>

namespace ingestor::app {

std::optional<config::settings> load_settings(config::needs what, const config::environment& from) {
  auto loaded = config::load(from, config::this_host(), what);
  if (loaded) return std::move(*loaded);
  for (const auto& wrong : loaded.error()) complain(config::text_of(wrong));
  return std::nullopt;
}

void complain(std::string_view what) {
  std::cerr << "ingestor: " << what << '\n';
}

}  // namespace ingestor::app
