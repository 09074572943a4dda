#include "ingest/inspect.hpp"

#include "app/commands.hpp"
#include "app/configuration.hpp"
#include "app/event_loop.hpp"
#include "app/exit_code.hpp"
#include "app/inspect_many.hpp"
#include "app/inspection_report.hpp"
#include "app/preparation.hpp"
#include "ingest/file_source.hpp"
#include "ingest/inspect_walk.hpp"
#include "ingest/s3_source.hpp"

#include <boost/asio/this_coro.hpp>

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace ingestor::app {
namespace {

namespace asio = boost::asio;

constexpr std::string_view s3_scheme = "s3://";

// `s3://bucket/key`; the key may hold anything, slashes included.
struct s3_uri {
  std::string bucket;
  std::string key;
};

std::optional<s3_uri> parse_s3_uri(std::string_view uri) {
  if (!uri.starts_with(s3_scheme)) return std::nullopt;
  uri.remove_prefix(s3_scheme.size());
  const auto slash = uri.find('/');
  if (slash == std::string_view::npos) return s3_uri{std::string{uri}, {}};
  return s3_uri{std::string{uri.substr(0, slash)}, std::string{uri.substr(slash + 1)}};
}

// The bucket that the URI names takes the place of the configured one.
config::environment with_bucket(const std::string& bucket) {
  return [bucket, rest = config::process_environment()](std::string_view variable) {
    return variable == "AWS_S3_BUCKET" ? std::optional{bucket} : rest(variable);
  };
}

bool names_many(const std::string& key) {
  return key.empty() || key.ends_with('/');
}

int tell_failure(const ingest::failure& why, const std::string& what) {
  complain(what + " cannot be read (" + std::string{name(why.at)} + "): " + why.text);
  return why.kind == ingest::failure_kind::s3 ? exit_code::unreachable : exit_code::failed;
}

int tell_found(const ingest::inspection& found, const inspect_command& options) {
  const bool told = print(options.json ? as_json(found) + "\n" : as_readable(found));
  return told ? exit_code::ok : exit_code::failed;
}

// Whether there is anything below what is no object itself. An error finds nothing, for there is
// one already that says more.
asio::awaitable<bool> holds_objects(s3::client& client, std::string prefix) {
  const s3::list_position start{};
  const auto page = co_await client.list_objects_v2(std::move(prefix), start, 1);
  co_return page && !page->objects.empty();
}

asio::awaitable<int> inspect_s3(event_loop& loop, s3::client& client, const s3_uri& uri,
                                const config::settings& settings, const inspect_command& options) {
  auto prefix = uri.key;
  if (!names_many(uri.key)) {
    const auto terms = ingest::decoder_terms_of(settings);
    ingest::s3_source source{client, uri.key, {}};
    const auto found = co_await ingest::inspect(source, terms, options.rows);
    if (found) co_return tell_found(*found, options);
    const auto state = co_await asio::this_coro::cancellation_state;
    if (interrupted(state)) co_return exit_code::failed;
    const auto why = found.error();
    prefix += '/';
    bool many = why.kind == ingest::failure_kind::file && why.at == ingest::stage::fetch;
    if (many) many = co_await holds_objects(client, prefix);
    if (!many) co_return tell_failure(why, options.uri);
  }
  ingest::s3_walk walk{client, prefix};
  co_return co_await inspect_many(loop, walk, settings, options);
}

asio::awaitable<int> inspect_local(event_loop& loop, const config::settings& settings,
                                   const inspect_command& options) {
  std::error_code ignored;
  if (std::filesystem::is_directory(options.uri, ignored)) {
    ingest::folder_walk walk{options.uri};
    co_return co_await inspect_many(loop, walk, settings, options);
  }
  const auto terms = ingest::decoder_terms_of(settings);
  ingest::file_source source{options.uri};
  const auto found = co_await ingest::inspect(source, terms, options.rows);
  if (found) co_return tell_found(*found, options);
  const auto state = co_await asio::this_coro::cancellation_state;
  co_return interrupted(state) ? exit_code::failed : tell_failure(found.error(), options.uri);
}

int execute_s3(const s3_uri& uri, const inspect_command& options) {
  if (uri.bucket.empty()) {
    complain(options.uri + " names no bucket; write s3://bucket/key, or s3://bucket/prefix/");
    return exit_code::usage;
  }
  config::needs needs{};
  needs.database = false;
  const auto settings = load_settings(needs, with_bucket(uri.bucket));
  if (!settings) return exit_code::usage;
  event_loop loop;
  s3::client client{loop.executor(), s3_options(*settings)};
  return loop.run(inspect_s3(loop, client, uri, *settings, options));
}

int execute_local(const inspect_command& options) {
  config::needs needs{};
  needs.database = false;
  needs.s3 = config::s3_need::nothing;
  const auto settings = load_settings(needs);
  if (!settings) return exit_code::usage;
  event_loop loop;
  return loop.run(inspect_local(loop, *settings, options));
}

}  // namespace

int execute(const inspect_command& options) {
  const auto uri = parse_s3_uri(options.uri);
  return uri ? execute_s3(*uri, options) : execute_local(options);
}

}  // namespace ingestor::app
