#include "ingest/relist.hpp"

#include "ingest/bounds.hpp"

#include <algorithm>

namespace ingestor::ingest {

namespace asio = boost::asio;

asio::awaitable<void> relist(pipeline& on, ledger::claimed_file file) {
  // A key is the first of those that begin with it.
  const auto page = co_await on.s3.list_objects_v2(file.key, {}, 1);
  if (!page) {
    on.s3_trouble.failed(page.error().text());
    co_return;
  }
  const auto found = std::ranges::find(page->objects, file.key, &s3::object_summary::key);
  if (found == page->objects.end()) co_return;
  auto lease = co_await on.control.acquire(acquire_timeout);
  if (!lease) co_return;
  (void)co_await ledger::give_back_changed(**lease, file.held, found->etag, found->size,
                                           found->last_modified);
}

}  // namespace ingestor::ingest
