// The part of the configuration that says where the database is and who logs in.
#pragma once

#include "config/reader.hpp"
#include "pg/fsm/connection_options.hpp"

namespace ingestor::config {

/// Reads DATABASE_URL, PGPASSWORD and PGPASSFILE.
void take_database(reader& from, const host_facts& host, pg::connection_options& into);

}  // namespace ingestor::config
