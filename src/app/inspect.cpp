#include "ingest/inspect.hpp"

#include "app/commands.hpp"
#include "app/configuration.hpp"
#include "app/event_loop.hpp"
#include "app/exit_code.hpp"
#include "app/inspection_report.hpp"
#include "app/preparation.hpp"
#include "ingest/file_source.hpp"
#include "ingest/s3_source.hpp"

#include <boost/asio/this_coro.hpp>

#include <optional>
#include <string>
#include <string_view>

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

asio::awaitable<int> inspect(ingest::byte_source& source, const config::settings& settings,
                             const inspect_command& options) {
  const auto terms = ingest::decoder_terms_of(settings);
  const auto found = co_await ingest::inspect(source, terms, options.rows);
  if (!found) {
    const auto& why = found.error();
    const auto state = co_await asio::this_coro::cancellation_state;
    if (interrupted(state)) co_return exit_code::failed;
    complain(options.uri + " cannot be read (" + std::string{name(why.at)} + "): " + why.text);
    co_return why.kind == ingest::failure_kind::s3 ? exit_code::unreachable : exit_code::failed;
  }
  const bool told = print(options.json ? as_json(*found) + "\n" : as_readable(*found));
  co_return told ? exit_code::ok : exit_code::failed;
}

int inspect_s3(const s3_uri& uri, const inspect_command& options) {
  if (uri.bucket.empty() || uri.key.empty()) {
    complain(options.uri + " names no object; write s3://bucket/key");
    return exit_code::usage;
  }
  config::needs needs{};
  needs.database = false;
  const auto settings = load_settings(needs, with_bucket(uri.bucket));
  if (!settings) return exit_code::usage;
  event_loop loop;
  s3::client client{loop.executor(), s3_options(*settings)};
  ingest::s3_source source{client, uri.key, {}};
  return loop.run(inspect(source, *settings, options));
}

int inspect_file(const inspect_command& options) {
  config::needs needs{};
  needs.database = false;
  needs.s3 = config::s3_need::nothing;
  const auto settings = load_settings(needs);
  if (!settings) return exit_code::usage;
  event_loop loop;
  ingest::file_source source{options.uri};
  return loop.run(inspect(source, *settings, options));
}

}  // namespace

int execute(const inspect_command& options) {
  const auto uri = parse_s3_uri(options.uri);
  return uri ? inspect_s3(*uri, options) : inspect_file(options);
}

}  // namespace ingestor::app
