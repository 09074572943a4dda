// What follows a load: the claim's end is made known, and what did not commit goes back.
#pragma once

#include "ingest/loader.hpp"
#include "ingest/pipeline.hpp"

#include <boost/asio/awaitable.hpp>

#include <span>
#include <vector>

namespace ingestor::ingest {

/// `results` are those of `files`, in their order. What is to be loaded alone stays claimed.
boost::asio::awaitable<void> conclude(pipeline& on, std::span<const ledger::claimed_file> files,
                                      std::vector<load_result> results);

/// processing → pending for all of `claims`. Tries for as long as a lease lasts; after that they
/// run out by themselves. Until then the keeper has them, so that a cancelled call loses none.
boost::asio::awaitable<void> give_back(pipeline& on, std::vector<ledger::claim> claims,
                                       ledger::place where);

/// The same for what this process claimed without hearing so; asks the database only while there
/// may be such files. Call it under `claiming`: a claim whose answer is on its way looks like one.
boost::asio::awaitable<pg::result<void>> give_back_unheard(pipeline& on, pg::connection& db);

}  // namespace ingestor::ingest
