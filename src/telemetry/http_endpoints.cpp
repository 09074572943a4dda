#include "telemetry/http_endpoints.hpp"

#include "telemetry/status_page.hpp"

#include <string>
#include <string_view>
#include <utility>

namespace ingestor::telemetry {
namespace {

constexpr const char* plain_text = "text/plain; charset=utf-8";
constexpr const char* html_text = "text/html; charset=utf-8";
// Source: Prometheus documentation, "Exposition formats".
constexpr const char* metrics_text = "text/plain; version=0.0.4; charset=utf-8";

http::response answer(unsigned status, const char* content_type, std::string body) {
  // Figures of this moment: no cache between here and the reader may keep them.
  return {.status = status,
          .content_type = content_type,
          .body = std::move(body),
          .headers = {{"Cache-Control", "no-store"}, {"X-Content-Type-Options", "nosniff"}}};
}

http::response readiness(const snapshot& now) {
  std::string reasons;
  if (now.state == run_state::starting) reasons += "starting\n";
  if (now.state == run_state::stopping) reasons += "stopping\n";
  // The words of S3 and the database stay out: this endpoint is often public.
  if (now.database) reasons += "the database is unusable\n";
  if (now.s3) reasons += "S3 is unusable\n";
  if (reasons.empty()) return answer(200, plain_text, "ready\n");
  return answer(503, plain_text, std::move(reasons));
}

http::response page_answer(const snapshot& now, metrics& numbers) {
  auto out = answer(200, html_text, status_page(now, numbers.done()));
  const auto& further = status_page_headers();
  out.headers.insert(out.headers.end(), further.begin(), further.end());
  return out;
}

}  // namespace

http::response route(const http::request& asked, const snapshot& now, metrics& numbers) {
  if (asked.method != "GET" && asked.method != "HEAD") {
    return answer(405, plain_text, "only GET and HEAD are served\n");
  }
  const auto path = std::string_view{asked.target}.substr(0, asked.target.find('?'));
  if (path == "/") return page_answer(now, numbers);
  if (path == "/metrics") return answer(200, metrics_text, numbers.text());
  if (path == "/healthz") return answer(200, plain_text, "ok\n");
  if (path == "/readyz") return readiness(now);
  return answer(404, plain_text, "not found; there are /, /metrics, /healthz and /readyz\n");
}

}  // namespace ingestor::telemetry
