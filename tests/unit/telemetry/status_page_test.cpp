#include "telemetry/status_page.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace ingestor::telemetry {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

const timestamp noon{std::chrono::seconds{1'767'268'800}};

/// What the snapshot of running() points to.
ledger_figures figures;

snapshot running() {
  snapshot out;
  out.state = run_state::running;
  out.own.version = "1.2.3";
  out.replica = "web-1";
  out.source = "s3://my-logs/app/";
  out.own.uptime_seconds = 100;
  out.now = noon;
  figures = {};
  figures.taken_at = noon;
  out.ledger = &figures;
  return out;
}

TEST(status_page, says_what_it_is_doing) {
  auto now = running();
  EXPECT_THAT(status_page(now, {}), HasSubstr("Up to date"));
  figures.files.failed = 1;
  EXPECT_THAT(status_page(now, {}), HasSubstr("Waiting for new files; some have failed."));
  figures.files.pending = 1;
  EXPECT_THAT(status_page(now, {}), HasSubstr("Files are waiting"));
  figures.files.processing = 1;
  EXPECT_THAT(status_page(now, {}), HasSubstr("Loading files."));
  now.database = ongoing_trouble{"connection refused", 75};
  EXPECT_THAT(status_page(now, {}), AllOf(HasSubstr("In trouble"),
                                          HasSubstr("Database, for 1m 15s: connection refused")));
  now.state = run_state::stopping;
  EXPECT_THAT(status_page(now, {}), HasSubstr("Stopping."));
  EXPECT_THAT(status_page({}, {}), HasSubstr("Starting."));
}

TEST(status_page, shows_the_figures) {
  auto now = running();
  figures.files = {.pending = 5, .processing = 2, .completed = 1'234'567, .failed = 3};
  figures.rows = 99'000'000;
  figures.oldest_pending_age = 7500;
  const auto page = status_page(now, {.files_completed = 12, .rows = 50'000});
  EXPECT_THAT(page, HasSubstr("<dt>completed</dt><dd>1,234,567</dd>"));
  EXPECT_THAT(page, HasSubstr("<dt>rows</dt><dd>99,000,000</dd>"));
  EXPECT_THAT(page, HasSubstr("<dt>oldest pending</dt><dd>2h 05m</dd>"));
  EXPECT_THAT(page, HasSubstr("<dt>files completed</dt><dd>12</dd>"));
  EXPECT_THAT(page, HasSubstr("<dt>rows/s</dt><dd>500</dd>"));
  EXPECT_THAT(page, HasSubstr("As of 2026-01-01 12:00:00 UTC."));
  EXPECT_THAT(page, HasSubstr("s3://my-logs/app/ · web-1 · version 1.2.3"));
  EXPECT_THAT(page, Not(HasSubstr("Latest failures")));
}

TEST(status_page, escapes_what_comes_from_outside) {
  auto now = running();
  now.replica = "<b>r</b>";
  now.s3 = ongoing_trouble{"<i>s3</i>", 1};
  figures.failures.push_back({.bucket = "b&b",
                              .key = "<script>alert('x')</script>\xff",
                              .error = "\"><img src=x onerror=alert(1)>",
                              .stage = "inflate",
                              .attempts = 2,
                              .next_attempt_at = noon});
  figures.replicas.push_back({"<u>other</u>", 3, noon});
  const auto page = status_page(now, {});
  for (const auto* const markup : {"<b>", "<i>", "<script", "<img", "<u>", "\xff"}) {
    EXPECT_THAT(page, Not(HasSubstr(markup)));
  }
  EXPECT_THAT(page, HasSubstr("s3://b&amp;b/&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;�"));
  EXPECT_THAT(page, HasSubstr("&quot;&gt;&lt;img src=x onerror=alert(1)&gt;"));
  EXPECT_THAT(page, HasSubstr("<td>2026-01-01 12:00:00 UTC</td>"));
  EXPECT_THAT(page, HasSubstr("<td>&lt;u&gt;other&lt;/u&gt;</td><td>3</td>"));
}

TEST(status_page, cuts_long_lists) {
  auto now = running();
  failed_file failed;
  failed.stage = "fetch";
  figures.failures.resize(1000, failed);
  const auto page = status_page(now, {});
  std::size_t rows = 0;
  for (auto at = page.find("<td>fetch</td>"); at != std::string::npos;
       at = page.find("<td>fetch</td>", at + 1)) {
    ++rows;
  }
  EXPECT_EQ(rows, failures_shown_max);
}

TEST(status_page, has_no_script_and_loads_nothing) {
  const auto page = status_page(running(), {});
  EXPECT_THAT(page, HasSubstr("default-src 'none'"));
  EXPECT_THAT(page, Not(HasSubstr("<script")));
  EXPECT_THAT(page, Not(HasSubstr("src=")));
  EXPECT_THAT(page, HasSubstr("http-equiv=\"refresh\" content=\"10\""));
}

}  // namespace
}  // namespace ingestor::telemetry
