// What part of the ledger a replica works on: one bucket, below one key prefix.
#pragma once

#include <string>

namespace ingestor::ledger {

struct scope {
  std::string bucket;
  /// Empty: the whole bucket. Compared byte by byte, as S3 does.
  std::string key_prefix;
};

}  // namespace ingestor::ledger
