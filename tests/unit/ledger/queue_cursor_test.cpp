#include "ledger/queue_cursor.hpp"

#include <gtest/gtest.h>

namespace ingestor::ledger {
namespace {

using namespace std::chrono_literals;

const queue_position front;
const queue_position passed{timestamp{7us}, 3};
const queue_position later{timestamp{9us}, 1};
const queue_cursor::clock::time_point start{1h};

TEST(queue_cursor, begins_at_the_front) {
  EXPECT_EQ(queue_cursor{}.next(start), front);
}

TEST(queue_cursor, goes_on_where_files_were_found) {
  queue_cursor cursor;
  cursor.claimed(front, passed, start);
  EXPECT_EQ(cursor.next(start + 1s), passed);
  cursor.claimed(passed, later, start + 1s);
  EXPECT_EQ(cursor.next(start + 2s), later);
}

TEST(queue_cursor, looks_from_the_front_again_however_much_is_behind_it) {
  queue_cursor cursor;
  cursor.claimed(front, passed, start);
  cursor.claimed(passed, later, start + queue_cursor::front_interval - 1ms);
  EXPECT_EQ(cursor.next(start + queue_cursor::front_interval), front);
}

TEST(queue_position, is_ordered_as_the_queue_is) {
  EXPECT_LT(front, passed);
  EXPECT_LT(passed, later);
  EXPECT_LT(passed, (queue_position{timestamp{7us}, 4}));
}

}  // namespace
}  // namespace ingestor::ledger
