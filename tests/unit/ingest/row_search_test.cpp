#include "ingest/row_search.hpp"

#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <random>
#include <set>
#include <vector>

namespace ingestor::ingest {
namespace {

struct found {
  std::set<std::size_t> landed;
  std::set<std::size_t> refused;
  std::size_t tries = 0;
};

// A database that refuses every COPY with a row of `bad` in it.
found search_for(const std::set<std::size_t>& bad, std::size_t rows) {
  found all;
  row_search search{rows};
  while (const auto range = search.next()) {
    ++all.tries;
    const auto first_bad = bad.lower_bound(range->first);
    if (first_bad == bad.end() || *first_bad >= range->last) {
      for (auto row = range->first; row < range->last; ++row) {
        EXPECT_TRUE(all.landed.insert(row).second) << row << " landed twice";
      }
      search.landed();
    } else {
      if (range->size() == 1) {
        EXPECT_TRUE(all.refused.insert(range->first).second) << range->first << " twice";
      }
      search.refused();
    }
  }
  return all;
}

std::size_t halvings(std::size_t rows) {
  return static_cast<std::size_t>(std::bit_width(rows - 1));
}

TEST(row_search, tries_all_rows_together_first) {
  row_search search{100};
  EXPECT_EQ(search.next(), (row_range{0, 100}));
  EXPECT_EQ(search.next(), (row_range{0, 100})) << "until it is told";
  search.landed();
  EXPECT_FALSE(search.next());
}

TEST(row_search, has_nothing_to_try_without_rows) {
  EXPECT_FALSE(row_search{0}.next());
}

TEST(row_search, splits_what_must_be_bad_without_trying_it) {
  row_search search{8};
  (void)search.next();
  search.refused();
  EXPECT_EQ(search.next(), (row_range{0, 4}));
  search.landed();
  EXPECT_EQ(search.next(), (row_range{4, 6})) << "not 4 to 8";
  search.landed();
  EXPECT_EQ(search.next(), (row_range{6, 7}));
  search.landed();
  EXPECT_EQ(search.next(), (row_range{7, 8})) << "its words are wanted";
  search.refused();
  EXPECT_FALSE(search.next());
}

TEST(row_search, tries_the_right_half_where_the_left_one_was_bad) {
  row_search search{4};
  (void)search.next();
  search.refused();
  (void)search.next();
  search.refused();
  EXPECT_EQ(search.next(), (row_range{0, 1}));
  search.refused();
  EXPECT_EQ(search.next(), (row_range{1, 2}));
  search.landed();
  EXPECT_EQ(search.next(), (row_range{2, 4}));
}

TEST(row_search, finds_one_row_in_logarithmic_steps) {
  constexpr std::array<std::size_t, 9> sizes{1, 2, 3, 7, 8, 9, 1000, 4096, 35'000};
  for (const auto rows : sizes) {
    for (const std::size_t bad : {std::size_t{0}, rows / 3, rows / 2, rows - 1}) {
      const auto all = search_for({bad}, rows);
      EXPECT_EQ(all.refused, std::set<std::size_t>{bad}) << rows;
      EXPECT_EQ(all.landed.size(), rows - 1);
      EXPECT_LE(all.tries, 1 + 2 * halvings(rows)) << bad << " of " << rows;
    }
  }
}

TEST(row_search, settles_every_row_whichever_are_bad) {
  std::minstd_rand chance{7};
  for (int n = 0; n < 500; ++n) {
    const std::size_t rows = 1 + chance() % 200;
    const auto share = chance() % 101;
    std::set<std::size_t> bad;
    for (std::size_t row = 0; row < rows; ++row) {
      if (chance() % 100 < share) bad.insert(row);
    }
    const auto all = search_for(bad, rows);
    EXPECT_EQ(all.refused, bad);
    EXPECT_EQ(all.landed.size(), rows - bad.size());
    EXPECT_LE(all.tries, 1 + 2 * rows);
    EXPECT_LE(all.tries, 1 + 2 * bad.size() * halvings(rows) + bad.size());
  }
}

// What refuses by chance, or counts rows, may take by halves what it did not take together.
TEST(row_search, ends_though_the_database_changes_its_mind) {
  std::minstd_rand chance{11};
  for (int n = 0; n < 500; ++n) {
    const std::size_t rows = 1 + chance() % 100;
    row_search search{rows};
    std::size_t settled = 0;
    while (const auto range = search.next()) {
      const bool lands = chance() % 2 == 0;
      if (lands || range->size() == 1) settled += range->size();
      lands ? search.landed() : search.refused();
    }
    EXPECT_EQ(settled, rows);
  }
}

}  // namespace
}  // namespace ingestor::ingest
