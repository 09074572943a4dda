// What is served over HTTP: /metrics, /healthz, /readyz and the status page. Nothing here changes
// any state.
#pragma once

#include "http/server.hpp"
#include "telemetry/metrics.hpp"
#include "telemetry/snapshot.hpp"

#include <chrono>
#include <functional>
#include <optional>
#include <string>

namespace ingestor::telemetry {

/// What /readyz is made of.
struct readiness {
  run_state state = run_state::starting;
  bool s3_usable = true;
  bool database_usable = true;
};

/// Each is asked only for what is made of it.
struct endpoint_sources {
  /// Tells the metrics the figures that change all the time.
  std::function<void()> measure;
  std::function<readiness()> ready;
  std::function<snapshot()> now;
};

class endpoints {
 public:
  using clock = std::chrono::steady_clock;

  /// For so long /metrics and the page are what they were when they were made, so that asking costs
  /// next to nothing, however many do. /healthz and /readyz are of the moment.
  static constexpr std::chrono::milliseconds kept_for{100};

  /// `numbers` and what the sources use outlive it.
  endpoints(metrics& numbers, endpoint_sources sources);

  /// GET and HEAD only (405); unknown paths are 404. /healthz is 200 for as long as the loop turns;
  /// /readyz is 503, with the reasons, while S3 or the database is unusable, and before and after
  /// the service runs.
  http::response answer(const http::request& asked, clock::time_point at);

 private:
  class kept_text {
   public:
    template <class Make>
    const std::string& get(clock::time_point at, const Make& make) {
      if (!made_ || at - *made_ >= kept_for) {
        text_ = make();
        made_ = at;
      }
      return text_;
    }

   private:
    std::string text_;
    std::optional<clock::time_point> made_;
  };

  metrics& numbers_;
  endpoint_sources sources_;
  kept_text metrics_;
  kept_text page_;
};

}  // namespace ingestor::telemetry
