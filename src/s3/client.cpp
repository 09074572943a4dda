#include "s3/client.hpp"

#include "s3/list_objects.hpp"

#include <utility>

namespace ingestor::s3 {

namespace asio = boost::asio;

client::client(const asio::any_io_executor& executor, client_options options)
    : on_{std::make_shared<requester>(executor, std::move(options))} {}

asio::awaitable<result<list_page>> client::list_objects_v2(std::string prefix, list_position from,
                                                           int max_keys) {
  return list_objects(*on_, std::move(prefix), std::move(from), max_keys);
}

asio::awaitable<result<object_stream>> client::get_object(std::string key, std::string if_match,
                                                          std::int64_t first_byte) {
  proto::get_object_query asked{std::move(key), std::move(if_match), first_byte};
  auto opened = co_await open_object(*on_, asked);
  if (!opened) co_return opened.error();
  co_return object_stream{on_, std::move(asked), std::move(*opened)};
}

std::size_t client::part_bytes() const {
  return on_->parts() * static_cast<std::size_t>(read_ahead::part_bytes);
}

asio::awaitable<result<void>> client::check_bucket(std::string prefix) {
  const list_position from_the_start;
  const auto page = co_await list_objects_v2(std::move(prefix), from_the_start, 1);
  if (!page) co_return page.error();
  co_return result<void>{};
}

}  // namespace ingestor::s3
