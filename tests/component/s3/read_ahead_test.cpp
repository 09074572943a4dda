#include "client_fixture.hpp"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <functional>
#include <mutex>

namespace ingestor::s3 {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t object_bytes = std::size_t{30} * 1024 * 1024 + 12'345;

const std::string& content() {
  static const std::string whole = [] {
    std::string out(object_bytes, '\0');
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<char>(i * 31 + i / 4093);
    return out;
  }();
  return whole;
}

struct asked_range {
  std::size_t first = 0;
  std::size_t last = object_bytes - 1;
  bool ranged = false;
};

asked_range range_of(const std::string& request) {
  asked_range out;
  const std::string_view name = "\r\nrange: bytes=";
  const auto at = request.find(name);
  if (at == std::string::npos) return out;
  out.ranged = true;
  const auto* const end = request.data() + request.size();
  const auto [dash, failed] = std::from_chars(request.data() + at + name.size(), end, out.first);
  EXPECT_EQ(failed, std::errc{});
  std::from_chars(dash + 1, end, out.last);
  return out;
}

/// One object, given at most as fast as a connection is told to be.
class large_object : public s3_client {
 protected:
  /// Between two pieces of 64 KiB.
  std::atomic<int> pause_us_ = 0;
  std::atomic<int> at_once_ = 0;
  std::atomic<int> most_at_once_ = 0;
  std::mutex lock_;
  std::vector<asked_range> ranges_;
  /// May answer instead, and says so.
  std::function<bool(peer&, const asked_range&, std::size_t number)> instead_;

  void serve(peer& p) {
    for (auto request = p.read_request(); !request.empty(); request = p.read_request()) {
      const auto range = range_of(request);
      std::size_t number = 0;
      {
        const std::lock_guard guard{lock_};
        ranges_.push_back(range);
        number = ranges_.size();
      }
      if (instead_ && instead_(p, range, number)) return;
      send(p, range, range.last + 1);
    }
  }

  static std::string head(const asked_range& range, std::string_view etag = "v1") {
    std::string out = range.ranged ? "HTTP/1.1 206 Partial Content\r\n" : "HTTP/1.1 200 OK\r\n";
    out += "ETag: \"" + std::string{etag} +
           "\"\r\nContent-Length: " + std::to_string(range.last + 1 - range.first) + "\r\n";
    if (range.ranged) {
      out += "Content-Range: bytes " + std::to_string(range.first) + '-' +
             std::to_string(range.last) + '/' + std::to_string(object_bytes) + "\r\n";
    }
    return out + "\r\n";
  }

  void send(peer& p, const asked_range& range, std::size_t end) {
    const int now = ++at_once_;
    for (int most = most_at_once_; now > most && !most_at_once_.compare_exchange_weak(most, now);) {
    }
    p.send(head(range));
    constexpr std::size_t piece = 64UL * 1024;
    for (auto at = range.first; at < end && !p.closed(); at += piece) {
      p.send(std::string_view{content()}.substr(at, std::min(piece, end - at)));
      std::this_thread::sleep_for(std::chrono::microseconds{pause_us_});
    }
    --at_once_;
  }

  /// How much of it arrived as it should.
  std::size_t equal_bytes(object_stream& stream, milliseconds each_read = {}) {
    std::size_t at = 0;
    for (;;) {
      const auto piece = await_on(loop_, stream.read());
      if (!piece) {
        failure_ = piece.error();
        return at;
      }
      if (piece->empty()) return at;
      if (as_text(*piece) != std::string_view{content()}.substr(at, piece->size())) return at;
      at += piece->size();
      parts_seen_ = std::max(parts_seen_, s3_->part_bytes());
      if (each_read.count() > 0) std::this_thread::sleep_for(each_read);
    }
  }

  /// To be destroyed before the server, which waits for its connections to be closed.
  std::unique_ptr<client> client_of(const scripted_server& server) {
    auto out = std::make_unique<client>(loop_.get_executor(), options(server));
    s3_ = out.get();
    return out;
  }

  client* s3_ = nullptr;
  std::size_t parts_seen_ = 0;
  std::optional<error> failure_;
};

TEST_F(large_object, comes_in_parts_where_one_connection_is_slow) {
  pause_us_ = 500;
  scripted_server server{[this](peer& p, int) { serve(p); }};
  auto s3 = client_of(server);
  auto object = get(*s3);
  ASSERT_TRUE(object);
  EXPECT_EQ(equal_bytes(*object), object_bytes);
  EXPECT_GT(most_at_once_, 1);
  EXPECT_LE(most_at_once_, 1 + static_cast<int>(read_ahead::parts_max));
  EXPECT_GT(parts_seen_, 0U);
  EXPECT_LE(parts_seen_, read_ahead::parts_max * static_cast<std::size_t>(read_ahead::part_bytes));
  EXPECT_EQ(s3->part_bytes(), 0U) << "all memory is given back";
  // Behind the first answer, which is left, every byte was asked for once.
  std::sort(ranges_.begin(), ranges_.end(),
            [](const asked_range& a, const asked_range& b) { return a.first < b.first; });
  for (std::size_t i = 2; i < ranges_.size(); ++i) {
    EXPECT_EQ(ranges_[i].first, ranges_[i - 1].last + 1);
  }
  EXPECT_EQ(ranges_.back().last, object_bytes - 1);
}

TEST_F(large_object, comes_over_one_connection_that_keeps_its_reader_busy) {
  scripted_server server{[this](peer& p, int) { serve(p); }};
  auto s3 = client_of(server);
  auto object = get(*s3);
  ASSERT_TRUE(object);
  EXPECT_EQ(equal_bytes(*object, milliseconds{1}), object_bytes);
  EXPECT_EQ(ranges_.size(), 1U);
  EXPECT_EQ(parts_seen_, 0U);
}

TEST_F(large_object, comes_whole_when_parts_break_off) {
  pause_us_ = 500;
  instead_ = [this](peer& p, const asked_range& range, std::size_t number) {
    if (number < 2 || number > 5) return false;
    send(p, range, range.first + 1'000'000);
    return true;
  };
  scripted_server server{[this](peer& p, int) { serve(p); }};
  auto s3 = client_of(server);
  auto object = get(*s3);
  ASSERT_TRUE(object);
  EXPECT_EQ(equal_bytes(*object), object_bytes) << (failure_ ? failure_->text() : "");
}

TEST_F(large_object, is_never_a_mix_of_two_versions) {
  pause_us_ = 500;
  instead_ = [](peer& p, const asked_range& range, std::size_t number) {
    if (number < 3) return false;
    p.send(head(range, "v2") + std::string(range.last + 1 - range.first, 'x'));
    return true;
  };
  scripted_server server{[this](peer& p, int) { serve(p); }};
  auto s3 = client_of(server);
  auto object = get(*s3);
  ASSERT_TRUE(object);
  const auto good = equal_bytes(*object);
  EXPECT_LT(good, object_bytes);
  ASSERT_TRUE(failure_);
  EXPECT_EQ(failure_->kind, error_kind::precondition_failed) << failure_->text();
}

TEST_F(large_object, goes_back_to_one_connection_when_its_reader_is_busy_again) {
  pause_us_ = 500;
  scripted_server server{[this](peer& p, int) { serve(p); }};
  auto s3 = client_of(server);
  auto object = get(*s3);
  ASSERT_TRUE(object);
  std::size_t at = 0;
  while (at < object_bytes) {
    const auto piece = await_on(loop_, object->read());
    ASSERT_TRUE(piece) << piece.error().text();
    if (piece->empty()) break;
    ASSERT_EQ(as_text(*piece), std::string_view{content()}.substr(at, piece->size()));
    at += piece->size();
    if (at < std::size_t{14} * 1024 * 1024) continue;
    pause_us_ = 0;
    std::this_thread::sleep_for(milliseconds{2});
    loop_.restart();
    loop_.poll();
  }
  EXPECT_EQ(at, object_bytes);
  ASSERT_FALSE(ranges_.empty());
  EXPECT_EQ(ranges_.back().last, object_bytes - 1);
}

TEST_F(large_object, comes_in_pieces_no_larger_than_was_said_however_much_of_a_part_waits) {
  pause_us_ = 500;
  scripted_server server{[this](peer& p, int) { serve(p); }};
  auto s3 = client_of(server);
  auto object = get(*s3);
  ASSERT_TRUE(object);
  std::size_t at = 0;
  std::size_t longest = 0;
  while (at < object_bytes) {
    const auto piece = await_on(loop_, object->read());
    ASSERT_TRUE(piece) << piece.error().text();
    if (piece->empty()) break;
    ASSERT_EQ(as_text(*piece), std::string_view{content()}.substr(at, piece->size()));
    at += piece->size();
    longest = std::max(longest, piece->size());
    if (s3->part_bytes() == 0) continue;
    pause_us_ = 0;  // parts arrive whole while their reader is busy
    loop_.restart();
    loop_.run_for(milliseconds{5});
  }
  EXPECT_EQ(at, object_bytes);
  EXPECT_GT(ranges_.size(), 1U) << "no part was ever asked for";
  EXPECT_LE(longest, client_options{}.piece_bytes);
}

TEST_F(large_object, may_be_left_at_any_time) {
  pause_us_ = 500;
  scripted_server server{[this](peer& p, int) { serve(p); }};
  auto s3 = client_of(server);
  {
    auto object = get(*s3);
    ASSERT_TRUE(object);
    for (std::size_t at = 0; at < std::size_t{20} * 1024 * 1024;) {
      const auto piece = await_on(loop_, object->read());
      ASSERT_TRUE(piece);
      at += piece->size();
    }
    EXPECT_GT(s3->part_bytes(), 0U);
  }
  // What was under way ends when the loop runs.
  s3.reset();
  loop_.restart();
  loop_.run_for(milliseconds{500});
  EXPECT_TRUE(loop_.stopped()) << "nothing is left to run";
}

}  // namespace
}  // namespace ingestor::s3
