#include "telemetry/http_endpoints.hpp"

#include "telemetry/status_page.hpp"

#include <string>
#include <utility>

namespace ingestor::telemetry {
namespace {

constexpr const char* plain_text = "text/plain; charset=utf-8";
constexpr const char* html_text = "text/html; charset=utf-8";
// Source: Prometheus documentation, "Exposition formats".
constexpr const char* metrics_text = "text/plain; version=0.0.4; charset=utf-8";

http::response respond(unsigned status, const char* content_type, std::string body) {
  // Figures of this moment: no cache between here and the reader may keep them.
  return {.status = status,
          .content_type = content_type,
          .body = std::move(body),
          .headers = {{"Cache-Control", "no-store"}, {"X-Content-Type-Options", "nosniff"}}};
}

http::response answer_whether(const readiness& it) {
  std::string reasons;
  if (it.state == run_state::starting) reasons += "starting\n";
  if (it.state == run_state::stopping) reasons += "stopping\n";
  // The words of S3 and the database stay out: this endpoint is often public.
  if (!it.database_usable) reasons += "the database is unusable\n";
  if (!it.s3_usable) reasons += "S3 is unusable\n";
  if (reasons.empty()) return respond(200, plain_text, "ready\n");
  return respond(503, plain_text, std::move(reasons));
}

http::response respond_page(std::string page) {
  auto out = respond(200, html_text, std::move(page));
  const auto& further = status_page_headers();
  out.headers.insert(out.headers.end(), further.begin(), further.end());
  return out;
}

}  // namespace

endpoints::endpoints(metrics& numbers, endpoint_sources sources)
    : numbers_{numbers}, sources_{std::move(sources)} {}

http::response endpoints::answer(const http::request& asked, clock::time_point at) {
  if (asked.method != "GET" && asked.method != "HEAD") {
    return respond(405, plain_text, "only GET and HEAD are served\n");
  }
  const auto make_page = [this] { return status_page(sources_.now(), numbers_.done()); };
  const auto make_metrics = [this] {
    sources_.measure();
    return numbers_.text();
  };
  const auto& path = asked.path;
  if (path == "/") return respond_page(page_.get(at, make_page));
  if (path == "/metrics") return respond(200, metrics_text, metrics_.get(at, make_metrics));
  if (path == "/healthz") return respond(200, plain_text, "ok\n");
  if (path == "/readyz") return answer_whether(sources_.ready());
  return respond(404, plain_text, "not found; there are /, /metrics, /healthz and /readyz\n");
}

}  // namespace ingestor::telemetry
