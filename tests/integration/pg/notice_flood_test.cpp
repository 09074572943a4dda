// A server that talks back while it is written to: 1 KB of notice for each row of a COPY. A client
// that only writes freezes; one that keeps what it reads grows.
#include "database.hpp"
#include "pg/copy_writer.hpp"

#include <gtest/gtest.h>

#include <charconv>
#include <fstream>
#include <string>
#include <string_view>

namespace ingestor::pg {
namespace {

/// The whole flood takes a quarter of a minute: INGESTOR_TEST_WHOLE=1.
constexpr std::uint64_t rows_of_the_whole = 1'000'000;
constexpr std::uint64_t rows_of_every_run = 50'000;

constexpr std::uint64_t rows_of_a_part = 1'000;

/// The flood brings 50 MB or 1 GB; the part that is written and the buffers need less than this.
constexpr std::int64_t growth_kib_max = 8 * 1024;

/// "VmRSS" or "VmHWM", its peak, of this process.
std::int64_t memory_kib(std::string_view which) {
  std::ifstream status{"/proc/self/status"};
  for (std::string line; std::getline(status, line);) {
    if (!line.starts_with(which)) continue;
    const auto digits = line.substr(line.find_first_of("0123456789"));
    std::int64_t kib = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), kib);
    return kib;
  }
  return -1;
}

/// From here on VmHWM is the peak. Source: proc(5), clear_refs.
void forget_peak() {
  std::ofstream{"/proc/self/clear_refs"} << 5;
}

wire::copy_buffer part_of_rows() {
  wire::copy_buffer rows;
  const std::string text(500, 'x');
  for (std::uint64_t i = 0; i < rows_of_a_part; ++i) {
    rows.begin_row(1);
    rows.text(text);
  }
  return rows;
}

class notice_flood : public database_test {
 protected:
  asio::awaitable<void> make_table(connection& on) {
    co_await script(on,
                    "create temp table t (a text);"
                    "create function pg_temp.talk() returns trigger language plpgsql as "
                    "$$ begin raise notice '%', repeat('n', 1000); return new; end $$;"
                    "create trigger talk before insert on t for each row "
                    "execute function pg_temp.talk()");
  }

  asio::awaitable<result<std::uint64_t>> load(connection& on, std::uint64_t count) {
    auto writer =
        co_await copy_writer::begin(on, "load", "copy t from stdin (format binary)", 30s, 1);
    if (!writer) co_return writer.error();
    const auto rows = part_of_rows();
    const auto header = as_bytes(wire::copy_header);
    auto written = co_await writer->write(header, 30s);
    const auto body = rows.bytes().subspan(header.size());
    for (std::uint64_t i = 0; written && i < count; i += rows_of_a_part) {
      written = co_await writer->write(body, 30s);
    }
    if (!written) co_return written.error();
    const auto trailer = as_bytes("\xff\xff");
    written = co_await writer->write(trailer, 30s);
    if (!written) co_return written.error();
    co_return co_await writer->finish(60s);
  }
};

TEST_F(notice_flood, during_a_copy_neither_stops_it_nor_makes_it_grow) {
  const bool whole = !environment("INGESTOR_TEST_WHOLE").empty();
  const auto count = whole ? rows_of_the_whole : rows_of_every_run;
  run([this, count]() -> asio::awaitable<void> {
    const auto session = co_await connected();
    co_await make_table(*session);
    forget_peak();
    const auto before = memory_kib("VmRSS");
    const auto loaded = co_await load(*session, count);
    const auto growth = memory_kib("VmHWM") - before;
    EXPECT_TRUE(loaded) << (loaded ? "" : loaded.error().text());
    if (loaded) {
      EXPECT_EQ(*loaded, count);
    }
    EXPECT_LE(growth, growth_kib_max);
    RecordProperty("rows", std::to_string(count));
    RecordProperty("growth_kib", std::to_string(growth));
  });
}

}  // namespace
}  // namespace ingestor::pg
