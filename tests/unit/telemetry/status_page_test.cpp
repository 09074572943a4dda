#include "telemetry/status_page.hpp"

#include "telemetry/page/assets.hpp"
#include "telemetry/page/policy.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace ingestor::telemetry {
namespace {

using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;

const timestamp noon{std::chrono::seconds{1'767'268'800}};

class status_page_of : public ::testing::Test {
 protected:
  status_page_of() {
    now.state = run_state::running;
    now.own.version = "1.2.3";
    now.replica = "web-1";
    now.source = "s3://my-logs/app/";
    now.own.uptime_seconds = 100;
    now.now = noon;
    now.last_hour = &last_hour;
    ledger.taken_at = noon;
    now.ledger = &ledger;
  }

  std::string page(const totals& done = {}) const { return status_page(now, done); }

  failed_file& fails(std::string key) {
    failed_file file;
    file.key = std::move(key);
    file.stage = "fetch";
    ledger.failures.push_back(file);
    ledger.files.failed = ledger.failures.size();
    return ledger.failures.back();
  }

  snapshot now;
  ledger_figures ledger;
  history last_hour;
};

std::size_t times_in(const std::string& text, std::string_view what) {
  std::size_t count = 0;
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++count;
  return count;
}

TEST_F(status_page_of, a_service_that_has_nothing_to_do_says_so_in_every_part) {
  const auto seen = page();
  EXPECT_THAT(seen, HasSubstr("<title>Up to date – Ingestor</title>"));
  EXPECT_THAT(seen,
              HasSubstr("No file was found yet. New ones below s3://my-logs/app/ are loaded"));
  EXPECT_THAT(seen, HasSubstr("No fetcher has begun yet."));
  EXPECT_THAT(seen, HasSubstr("No sample yet: one is taken every 10 seconds."));
  EXPECT_THAT(seen, HasSubstr("Nothing has failed."));
  EXPECT_THAT(seen, HasSubstr("Every line so far has become a row."));
  EXPECT_THAT(seen, HasSubstr("the one you are looking at"));
  EXPECT_THAT(seen, HasSubstr("<time datetime=\"2026-01-01T12:00:00Z\">2026-01-01 12:00:00 UTC"));
}

TEST_F(status_page_of, a_service_that_knows_nothing_yet_is_starting) {
  EXPECT_THAT(status_page({}, {}), HasSubstr(">Starting</h2>"));
}

TEST_F(status_page_of, the_ledger_shows_its_figures) {
  ledger.files = {.pending = 5, .processing = 2, .completed = 1'234'567, .failed = 3};
  ledger.rows = 99'000'000;
  ledger.oldest_pending_age = 7500;
  ledger.newest_row_at = noon - std::chrono::seconds{12};
  ledger.objects_changed = 4;
  const auto seen = page({.files_completed = 12, .rows = 50'000, .bytes_compressed = 3 << 20});
  EXPECT_THAT(seen, HasSubstr("<dt>Completed</dt><dd>1,234,567<small>files</small></dd>"));
  EXPECT_THAT(seen, HasSubstr("<dt>Failed</dt><dd class=\"bad\">3<"));
  EXPECT_THAT(seen, HasSubstr("<dt>Rows</dt><dd>99,000,000<"));
  EXPECT_THAT(seen, HasSubstr("oldest: 2h 05m"));
  EXPECT_THAT(seen, HasSubstr("title=\"2026-01-01 11:59:48 UTC\">12s ago</time>"));
  EXPECT_THAT(seen, HasSubstr("4 objects have changed since they were loaded"));
  EXPECT_THAT(seen, HasSubstr("<dt>Files completed</dt><dd>12</dd>"));
  EXPECT_THAT(seen, HasSubstr("<dt>Rows/s on average</dt><dd>500</dd>"));
  EXPECT_THAT(seen, HasSubstr("<dt>Read from S3</dt><dd>3.0 MiB</dd>"));
}

TEST_F(status_page_of, trouble_is_told_with_its_reason_and_how_old_the_rest_is) {
  now.database = ongoing_trouble{"connection <refused>", 75};
  ledger.taken_at = noon - std::chrono::seconds{80};
  const auto seen = page();
  EXPECT_THAT(seen, HasSubstr(">The database cannot be used</h2>"));
  EXPECT_THAT(seen, HasSubstr("<b>Database, for 1m 15s:</b> <span class=\"why\">connection "
                              "&lt;refused&gt;</span>"));
  EXPECT_THAT(seen, ContainsRegex("figures are old:</b> they were read <time[^>]*>1m 20s ago"));
}

TEST_F(status_page_of, each_fetcher_says_what_it_does_in_words) {
  fetcher_report one;
  one.stage = fetcher_stage::write;
  one.key = "app/<1>.gz";
  one.file_id = 77;
  one.files = 9;
  one.files_read = 3;
  one.bytes_total = 1000;
  one.bytes_read = 999;
  one.rows = 12'000;
  one.seconds = 4;
  now.own.fetchers = {one, {}};
  const auto seen = page();
  EXPECT_THAT(seen, HasSubstr("1 of 2 fetchers of this replica at work"));
  EXPECT_THAT(seen, HasSubstr("Waits for the database<"));
  EXPECT_THAT(seen, HasSubstr("<bdi dir=\"ltr\">app/&lt;1&gt;.gz</bdi>"));
  EXPECT_THAT(seen, HasSubstr("file 77 of the ledger; 3 of 9 files of its group read"));
  EXPECT_THAT(seen, HasSubstr("<progress max=\"100\" value=\"99\" aria-label=\"Fetcher 1: read so "
                              "far\">99 %</progress>"));
  EXPECT_THAT(seen, HasSubstr("12,000<small>3,000/s</small>"));
  EXPECT_THAT(seen, HasSubstr("Waits for files"));
  now.s3 = ongoing_trouble{"x", 1};
  EXPECT_THAT(page(), HasSubstr("Waits until the trouble is over"));
}

TEST_F(status_page_of, a_failure_says_when_it_is_tried_again_and_how_to_do_so_at_once) {
  auto& file = fails("a'b*.gz");
  file.id = 12;
  file.error = "the data ends early";
  file.attempts = 2;
  file.next_attempt_at = noon + std::chrono::seconds{28};
  auto seen = page();
  EXPECT_THAT(seen, HasSubstr("<li id=\"failed-12\">"));
  EXPECT_THAT(seen, HasSubstr("the data ends early"));
  EXPECT_THAT(seen, ContainsRegex("fetched from S3. 2 attempts so far. Tried again <time[^>]*>in "
                                  "28s</time>. File 12 of the ledger."));
  EXPECT_THAT(seen, HasSubstr("At once: <code>ingestor retry --key=&#39;a&#39;\\&#39;&#39;b\\*.gz"
                              "&#39;</code>"));
  file.next_attempt_at.reset();
  EXPECT_THAT(page(), AllOf(HasSubstr("Stays failed"), HasSubstr("Bring it back: <code>")));
}

TEST_F(status_page_of, rejected_lines_are_shown_by_file_and_by_reason) {
  ledger.lines_rejected = 5;
  ledger.rejects.push_back({.id = 3,
                            .bucket = "b",
                            .key = "k",
                            .lines_rejected = 5,
                            .completed_at = noon - std::chrono::seconds{60},
                            .reasons = {"not_json: at <0>", "made_up", "1", "2", "3"}});
  const auto seen = page({.lines_rejected = 7,
                          .rejected_by_reason = {{"not_json", 6}, {"other", 7}, {"too_deep", 0}}});
  EXPECT_THAT(seen,
              ContainsRegex("5 lines rejected; the others were loaded <time[^>]*>1m 00s ago"));
  EXPECT_THAT(seen, HasSubstr("<li>not JSON: at &lt;0&gt;</li>"));
  EXPECT_THAT(seen, HasSubstr("<li>made_up</li>"));
  EXPECT_THAT(seen, HasSubstr("<li>and 1 other</li>"));
  EXPECT_THAT(seen, ContainsRegex("other</th><td class=\"number\">7.*\n.*not JSON</th>"));
  EXPECT_THAT(seen, Not(HasSubstr("nested too deeply")));
}

TEST_F(status_page_of, a_dead_replica_is_called_so_with_what_it_holds) {
  replica_report report;
  report.state = "running";
  report.age_seconds = 2;
  report.rows_per_second = 300;
  report.fetchers.resize(4);
  report.fetchers[0].files = 1;
  ledger.replicas.push_back({"alive", 1, noon + std::chrono::seconds{60}, report});
  report.age_seconds = 95;
  ledger.replicas.push_back({"dead", 4, noon - std::chrono::seconds{30}, report});
  ledger.replicas.push_back({"mute", 1, noon, std::nullopt});
  const auto seen = page();
  EXPECT_THAT(seen, HasSubstr("Replicas <small>2 alive</small>"));
  EXPECT_THAT(seen, HasSubstr("Dead</span><small>last heard of 1m 35s ago</small>"));
  EXPECT_THAT(seen, ContainsRegex("4 files<small>lease ran out <time[^>]*>30s ago"));
  EXPECT_THAT(seen, ContainsRegex("1 file<small>lease ends <time[^>]*>in 1m 00s"));
  EXPECT_THAT(seen, HasSubstr("holds files, and says nothing of itself"));
  EXPECT_THAT(seen, HasSubstr("1 replica is dead."));
  EXPECT_THAT(seen, HasSubstr("<div>1 of 4</div>"));
}

TEST_F(status_page_of, nothing_from_outside_becomes_markup) {
  const std::string markup = "<b>&\"'\xff\xe2\x80\xae</script><script>alert(1)</script>";
  now.replica = now.source = now.own.version = markup;
  now.s3 = ongoing_trouble{markup, 1};
  auto& file = fails(markup);
  file.error = file.stage = markup;
  ledger.lines_rejected = 1;
  ledger.rejects.push_back({1, "b", markup, 1, noon, {markup}});
  ledger.replicas.push_back({markup, 3, noon, now.own});
  fetcher_report one;
  one.key = markup;
  one.files = 1;
  now.own.fetchers = {one};
  const auto seen = page({.lines_rejected = 1, .rejected_by_reason = {{markup, 1}}});
  for (const auto* const raw : {"<b>&", "alert(1)</script>", "\xff", "\xe2\x80\xae"}) {
    EXPECT_THAT(seen, Not(HasSubstr(raw)));
  }
  EXPECT_EQ(times_in(seen, "<script>"), 1U);
  EXPECT_EQ(times_in(seen, "</script>"), 1U);
  EXPECT_THAT(seen, HasSubstr("&lt;b&gt;&amp;&quot;&#39;�<i>U+202E</i>&lt;/script&gt;"));
}

TEST_F(status_page_of, a_page_of_the_worst_texts_stays_small) {
  const std::string worst(4096, '\x01');
  now.replica = now.source = now.own.version = worst;
  now.s3 = now.database = ongoing_trouble{worst, 1};
  for (int i = 0; i < 100; ++i) {
    fails(worst).error = worst;
    ledger.rejects.push_back({i, worst, worst, 1, noon, std::vector<std::string>(20, worst)});
  }
  fetcher_report one;
  one.key = worst;
  one.files = 99;
  one.file_id = 99;
  one.bytes_total = 1;
  now.own.fetchers.resize(100, one);
  ledger.replicas.resize(100, {worst, 3, noon, now.own});
  for (std::size_t i = 0; i < history::samples_max; ++i) {
    const auto value = static_cast<double>(i * 7919 % 997);
    last_hour.add(
        {noon - history::interval * (history::samples_max - i), value, value, value, value});
  }
  const auto seen = page();
  EXPECT_LT(seen.size(), 250'000U);
  EXPECT_EQ(times_in(seen, "while it was fetched"), failures_shown_max);
  EXPECT_THAT(seen, HasSubstr("The latest 20 of 100 files that have failed."));
  EXPECT_THAT(seen, HasSubstr("68 more are not shown."));
}

TEST_F(status_page_of, everything_that_runs_is_named_by_the_policy) {
  const auto seen = page();
  std::string policy;
  for (const auto& [name, value] : status_page_headers()) {
    if (name == "Content-Security-Policy") policy = value;
  }
  EXPECT_THAT(policy, HasSubstr("default-src 'none'"));
  EXPECT_THAT(policy, Not(HasSubstr("unsafe")));
  EXPECT_THAT(policy, HasSubstr("script-src '" + page::source_hash(page::script) + "'"));
  EXPECT_THAT(policy, HasSubstr("style-src '" + page::source_hash(page::style) + "'"));
  EXPECT_THAT(seen, HasSubstr("<style>" + std::string{page::style} + "</style>"));
  EXPECT_THAT(seen, HasSubstr("<script>" + std::string{page::script} + "</script>"));
  EXPECT_EQ(times_in(seen, "aria-live"), 1U) << "the headline alone is read out";
  EXPECT_THAT(seen, Not(HasSubstr("src=")));
  EXPECT_THAT(seen, Not(HasSubstr("style=\"")));
  EXPECT_THAT(seen, Not(ContainsRegex(" on[a-z]+=\"")));
  EXPECT_THAT(seen, HasSubstr("<noscript><meta http-equiv=\"refresh\" content=\"10\"></noscript>"));
}

TEST(status_page_policy, hashes_as_browsers_do) {
  EXPECT_EQ(page::source_hash("alert('Hello, world.');"),
            "sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng=");
}

}  // namespace
}  // namespace ingestor::telemetry
