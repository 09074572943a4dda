// The part of the configuration that says where the objects are.
#pragma once

#include "config/reader.hpp"
#include "config/settings.hpp"

namespace ingestor::config {

/// How much a command has to do with S3.
enum class s3_need {
  nothing,
  /// Only which bucket and prefix: they name the part of the ledger that it is about.
  scope,
  everything
};

