// The work of a replica on what it claims.
#pragma once

#include "model/replica.hpp"
#include "model/script.hpp"

namespace ingestor::ledger::model {

/// Claims, loads and concludes, as ingest/fetcher.cpp and ingest/conclude.cpp do.
script<void> fetch(replica& me, actor& self);

/// Gives back what is still claimed, as a service does that ends.
script<void> let_go(replica& me, actor& self);

}  // namespace ingestor::ledger::model
