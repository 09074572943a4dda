#include "ingest/relist.hpp"

#include <algorithm>

namespace ingestor::ingest {

namespace asio = boost::asio;

asio::awaitable<relisted> relist(pipeline& on, ledger::claimed_file file) {
  // A key is the first of those that begin with it.
  const s3::list_position from_the_start;
  const auto page = co_await on.s3.list_objects_v2(file.key, from_the_start, 1);
  if (!page) {
    on.blame_s3(use::load, from_s3(page.error()));
    co_return relisted::unknown;
  }
  const auto found = std::ranges::find(page->objects, file.key, &s3::object_summary::key);
  if (found == page->objects.end()) co_return relisted::unknown;
  if (found->etag == file.etag) co_return relisted::unchanged;
  auto lease = co_await on.acquire(on.control);
  if (!lease) co_return relisted::unknown;
  const auto done = co_await ledger::give_back_changed(**lease, file.held, found->etag, found->size,
                                                       found->last_modified);
  if (done) co_return relisted::changed;
  on.database_trouble.failed(use::ask, done.error().text());
  co_return relisted::unknown;
}

}  // namespace ingestor::ingest
