#include "app/check_s3.hpp"

#include "app/check_step.hpp"
#include "app/preparation.hpp"
#include "aws/caller_identity.hpp"
#include "aws/provider_chain.hpp"
#include "s3/client.hpp"
#include "telemetry/figures.hpp"

#include <boost/asio/this_coro.hpp>

#include <optional>
#include <string>
#include <utility>

namespace ingestor::app {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

/// Archived objects are passed over, and such as are gone by the time they are asked for.
constexpr std::size_t objects_tried_max = 10;

/// Shorter times than a service has, so that the client's own words come within a step's time.
s3::client_options client_options_of(const config::settings& settings) {
  auto options = s3_options(settings);
  options.connect_timeout = 5s;
  options.first_byte_timeout = 8s;
  options.stall_timeout = 8s;
  options.retry.attempts_max = 2;
  return options;
}

/// What the steps hand on to one another.
struct s3_visit {
  const config::settings& settings;
  aws::credentials_settings identity;
  s3::client_options options;
  std::optional<aws::credentials> keys;
  std::optional<s3::list_page> page;
  /// What the client put right by itself, in this process alone.
  std::string corrections;
};

/// AKIA…WXYZ: enough to tell two keys apart.
std::string shown_key(std::string_view id) {
  if (id.size() < 16) return "a key";
  return std::string{id.substr(0, 4)}.append("…").append(id.substr(id.size() - 4));
}

/// Without its cache, which does not say when they expire; all that follows asks with these.
asio::awaitable<finding> fetch_credentials(s3_visit& visit) {
  const auto places = aws::provider_chain(visit.identity, credentials_limits(visit.settings));
  auto fetched = co_await places->fetch();
  if (!fetched) {
    const bool unusable = fetched.error().kind == aws::error_kind::configuration;
    co_return finding{unusable ? verdict::misconfigured : verdict::failed, fetched.error().message};
  }
  const auto& keys = fetched->given.keys;
  finding out{};
  out.text = shown_key(keys.access_key_id) + " from " + fetched->origin;
  if (!keys.session_token.empty()) out.text += ", temporary";
  if (fetched->given.expires)
    out.text += ", until " + telemetry::time_text(*fetched->given.expires);
  visit.keys = keys;
  visit.options.creds = aws::fixed_credentials(keys, fetched->origin);
  co_return out;
}

/// That nobody can be asked, or does not answer, stops nothing: S3 knows by itself who asks.
asio::awaitable<finding> ask_who_it_is(s3_visit& visit) {
  if (visit.settings.s3.endpoint && !visit.identity.sts_endpoint) {
    co_return finding{verdict::skipped,
                      "not asked: S3 is not AWS's, and AWS_ENDPOINT_URL_STS does not say where STS "
                      "is"};
  }
  auto within = credentials_limits(visit.settings);
  within.sts.attempts_max = 1;
  auto keys = *visit.keys;
  const auto who = co_await aws::get_caller_identity(visit.identity, std::move(keys), within);
  if (!who) co_return finding{verdict::note, "not known: " + who.error().message};
  co_return finding{verdict::ok, who->arn + ", of account " + who->account};
}

finding found_refused(const s3_visit& visit, const s3::error& error) {
  finding out{verdict::failed, error.text() + "; "};
  if (error.kind == s3::error_kind::configuration) out.how = verdict::misconfigured;
  auto missing = s3::permission_missing(error, visit.settings.s3.prefix, visit.settings.s3.region);
  out.text += missing ? missing->remedy : error.remedy();
  if (missing) out.snippet = std::move(missing->policy);
  return out;
}

std::string counted(const s3::list_page& page) {
  const auto number = page.objects.size();
  auto out = std::to_string(number) + (number == 1 ? " object" : " objects");
  return page.next.empty() ? out : "more than " + out;
}

asio::awaitable<finding> list_bucket(s3::client& client, s3_visit& visit) {
  const auto& where = visit.settings.s3;
  const s3::list_position from_the_start;
  auto page = co_await client.list_objects_v2(where.prefix, from_the_start);
  if (!page) co_return found_refused(visit, page.error());
  visit.page = std::move(*page);
  auto text = "s3://" + where.bucket + '/' + where.prefix + " lists: ";
  if (!visit.page->objects.empty()) {
    const auto how = visit.corrections.empty() ? verdict::ok : verdict::note;
    co_return finding{how, std::move(text) + counted(*visit.page) + visit.corrections};
  }
  text += where.prefix.empty() ? "there is nothing in it yet"
                               : "no key begins with that; check AWS_S3_KEY";
  text += visit.corrections;
  co_return finding{verdict::note, std::move(text)};
}

/// Opens it and takes the first piece; the rest is not fetched.
asio::awaitable<s3::result<void>> read_first_bytes(s3::client& client, std::string key) {
  const std::string any_version;
  auto opened = co_await client.get_object(std::move(key), any_version);
  if (!opened) co_return opened.error();
  const auto piece = co_await opened->read();
  if (!piece) co_return piece.error();
  co_return s3::result<void>{};
}

bool is_folder(const s3::object_summary& object) {
  return object.size == 0 && object.key.ends_with('/');
}

asio::awaitable<finding> read_object(s3::client& client, s3_visit& visit) {
  std::size_t tried = 0;
  std::string why_not;
  for (const auto& object : visit.page->objects) {
    if (is_folder(object)) continue;
    if (tried++ == objects_tried_max) break;
    const auto read = co_await read_first_bytes(client, object.key);
    if (read) {
      co_return finding{verdict::ok,
                        "s3://" + visit.settings.s3.bucket + '/' + object.key + " can be read"};
    }
    const auto kind = read.error().kind;
    const bool passed_over =
        kind == s3::error_kind::archived || kind == s3::error_kind::no_such_key;
    if (!passed_over) co_return found_refused(visit, read.error());
    why_not = read.error().text() + "; " + read.error().remedy();
  }
  if (why_not.empty()) co_return finding{verdict::skipped, "there is none to read"};
  co_return finding{verdict::note, "none of the first ones can be read now: " + why_not};
}

}  // namespace

asio::awaitable<void> check_s3(const config::settings& settings, check_report& report) {
  s3_visit visit{settings, credentials_of(settings), client_options_of(settings), {}, {}, {}};
  auto fetching = fetch_credentials(visit);
  const bool told_credentials = co_await tell_in_time(report, "credentials", std::move(fetching));
  if (!told_credentials) co_return;
  if (!visit.keys) {
    for (const auto* topic : {"identity", "bucket", "object"}) {
      report.tell(topic, {verdict::skipped, "there are no credentials to ask with"});
    }
    co_return;
  }
  auto asking = ask_who_it_is(visit);
  const bool told_identity = co_await tell_in_time(report, "identity", std::move(asking));
  if (!told_identity) co_return;
  visit.options.on_correction = [&visit](const std::string& what) {
    visit.corrections.append("; ").append(what);
  };
  s3::client client{co_await asio::this_coro::executor, visit.options};
  auto listing = list_bucket(client, visit);
  const bool told_bucket = co_await tell_in_time(report, "bucket", std::move(listing));
  if (!told_bucket) co_return;
  if (!visit.page) {
    report.tell("object", {verdict::skipped, "which there are is not known without a listing"});
    co_return;
  }
  auto reading = read_object(client, visit);
  co_await tell_in_time(report, "object", std::move(reading));
}

}  // namespace ingestor::app
