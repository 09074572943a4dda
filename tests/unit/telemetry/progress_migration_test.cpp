#include "telemetry/progress_migration.hpp"

#include "capture.hpp"
#include "telemetry/log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace ingestor::telemetry {
namespace {

using namespace std::chrono_literals;
using ::testing::EndsWith;
using wait = migration_progress::wait;

migration_progress third_step() {
  migration_progress now{};
  now.step = 3;
  now.steps = 5;
  now.name = "time dimension of log";
  now.seconds = 75;
  return now;
}

migration_progress indexing() {
  auto now = third_step();
  now.table = "log";
  now.phase = "building index: scanning table";
  now.share = 0.439;
  return now;
}

migration_progress waiting(wait what) {
  auto now = third_step();
  now.waits = what;
  now.held_by = "pid 12 (psql)";
  return now;
}

TEST(migration_bar, tells_step_and_time) {
  EXPECT_EQ(migration_bar(third_step(), 79), "migrating 3/5: time dimension of log  1m 15s");
  migration_progress before{};
  before.name = "migration table";
  EXPECT_EQ(migration_bar(before, 79), "migrating: migration table  0s");
}

TEST(migration_bar, tells_how_far_an_index_is) {
  EXPECT_EQ(migration_bar(indexing(), 79),
            "[=====>       ] 43%  migrating 3/5: index on log, scanning table  1m 15s");
  auto sorting = indexing();
  sorting.phase = "building index: sorting live tuples";
  sorting.share.reset();
  EXPECT_EQ(migration_bar(sorting, 79), "migrating 3/5: index on log, sorting live tuples  1m 15s");
}

TEST(migration_bar, tells_for_whom_it_waits) {
  auto now = waiting(wait::lock);
  EXPECT_EQ(migration_bar(now, 79), "migrating 3/5: waiting 1m 15s for a lock, pid 12 (psql)");
  now.table = "log";
  EXPECT_EQ(migration_bar(now, 79),
            "migrating 3/5: waiting 1m 15s for a lock on log, pid 12 (psql)");
  now.held_by.clear();
  EXPECT_EQ(migration_bar(now, 79), "migrating 3/5: waiting 1m 15s for a lock on log");
  EXPECT_EQ(migration_bar(waiting(wait::another_migration), 79),
            "migrating 3/5: waiting 1m 15s for another migration, pid 12 (psql)");
}

TEST(migration_bar, is_ascii_and_fits_every_width) {
  auto now = waiting(wait::lock);
  now.held_by = "pid 12 (p\x1b[31m\xc3\xbcsql)";
  for (std::size_t columns = 0; columns <= 200; ++columns) {
    EXPECT_LE(migration_bar(now, columns).size(), columns);
    EXPECT_LE(migration_bar(indexing(), columns).size(), columns);
  }
  EXPECT_THAT(migration_bar(now, 200), EndsWith("for a lock, pid 12 (p?[31m??sql)"));
}

TEST(migration_display, writes_a_line_every_five_seconds_elsewhere) {
  const capture to;
  log lines{{.fd = to.fd()}};
  migration_display shown{lines, [] { return std::nullopt; }};
  const migration_display::time_point start{100s};
  const auto written = [&](const migration_progress& now, std::chrono::seconds after) {
    shown.update(now, start + after);
    EXPECT_TRUE(lines.flush(5s));
    return to.text();
  };
  EXPECT_EQ(written(indexing(), 0s), "");
  EXPECT_THAT(written(indexing(), 5s),
              EndsWith("INFO  migrating step=3 steps=5 name=\"time dimension of log\" seconds=75 "
                       "table=\"log\" phase=\"building index: scanning table\" percent=43\n"));
  EXPECT_THAT(written(waiting(wait::lock), 10s),
              EndsWith("WARN  migration waits for a lock step=3 steps=5 name=\"time dimension of "
                       "log\" seconds=75 held_by=\"pid 12 (psql)\"\n"));
}

}  // namespace
}  // namespace ingestor::telemetry
