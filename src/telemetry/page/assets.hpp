// What the page brings along, since it loads nothing.
#pragma once

#include <string_view>

namespace ingestor::telemetry::page {

/// The content of the page's only <style>, and of its only <script>.
extern const std::string_view style;
extern const std::string_view script;

}  // namespace ingestor::telemetry::page
