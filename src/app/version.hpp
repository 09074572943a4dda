#pragma once

namespace ingestor::app {

/// Set by the build, from meson.build.
inline constexpr const char* version = INGESTOR_VERSION;

}  // namespace ingestor::app
