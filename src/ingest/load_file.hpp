// One file in a transaction of its own, however large it is.
#pragma once

#include "ingest/loader.hpp"

#include <boost/asio/awaitable.hpp>

namespace ingestor::ingest {

/// While one buffer is copied the next is filled: two stagings, one decoder. When the database
/// refuses a row, everything is rolled back and the file is read again and loaded with care; a load
/// that is known to need it begins so. When the file fails, its rows are rolled back and the
/// failure is recorded in a transaction after it. All arguments must outlive the call. After
/// cancellation nothing is committed.
boost::asio::awaitable<load_result> load_file(const loader& with, pg::connection& db,
                                              const ledger::claimed_file& file, workshop& shop,
                                              care how = care::none);

}  // namespace ingestor::ingest
