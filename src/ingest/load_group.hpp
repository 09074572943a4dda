// A group of small files in one transaction.
//
// Up to group_fetches_max are fetched at a time. Each is decoded whole before its rows join the
// group's COPY, so one that is bad adds nothing and is marked failed in the same commit. What
// cannot be done together is left to be done alone: a file that outgrows a staging, and every file
// of a group whose rows the database refused, for then nobody knows whose they were (care_for()
// says how). When S3 fails, no further file is fetched, and what has been is committed.
#pragma once

#include "ingest/loader.hpp"

#include <boost/asio/awaitable.hpp>

#include <span>
#include <vector>

namespace ingestor::ingest {

/// One result for each file, in their order. All arguments must outlive the call.
boost::asio::awaitable<std::vector<load_result>> load_group(
    const loader& with, pg::connection& db, std::span<const ledger::claimed_file> files,
    workshop& shop);

}  // namespace ingestor::ingest
