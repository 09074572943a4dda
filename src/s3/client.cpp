#include "s3/client.hpp"

#include "s3/list_objects.hpp"

#include <utility>

namespace ingestor::s3 {

namespace asio = boost::asio;

client::client(const asio::any_io_executor& executor, client_options options)
