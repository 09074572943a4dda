#include "ingest/fill.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace ingestor::ingest {
namespace {

namespace asio = boost::asio;

asio::awaitable<result<void, failure>> feed(byte_source& source, object_decoder& decoder) {
  const auto piece = co_await source.read();
  if (!piece) co_return piece.error();
  if (piece->empty()) {
    decoder.finish();
  } else {
    decoder.feed(*piece);
  }
  co_return result<void, failure>{};
}

asio::awaitable<result<void, failure>> restart_as_text(byte_source& source, object_decoder& decoder,
                                                       normalise::source from) {
  decoder.begin(from, object_format::text);
  co_return co_await source.open();
}

}  // namespace

asio::awaitable<result<void, failure>> open(byte_source& source, object_decoder& decoder,
                                            normalise::source from) {
  decoder.begin(from, object_format::json_lines);
  co_return co_await source.open();
}

asio::awaitable<result<filled, failure>> fill(byte_source& source, object_decoder& decoder,
                                              normalise::source from, staging& into) {
  using step = object_decoder::step;
  const auto executor = co_await asio::this_coro::executor;
  for (;;) {
    const auto next = decoder.advance(into);
    if (!next) co_return next.error();
    result<void, failure> done;
    switch (*next) {
      case step::staging_full:
        co_return filled::full;
      case step::end:
        co_return filled::end;
      case step::need_input:
        done = co_await feed(source, decoder);
        break;
      case step::restart_as_text:
        done = co_await restart_as_text(source, decoder, from);
        break;
      case step::slice_done:
        co_await asio::post(executor, asio::use_awaitable);
        break;
    }
    if (!done) co_return done.error();
  }
}

}  // namespace ingestor::ingest
