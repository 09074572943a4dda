#include "client_fixture.hpp"

#include <algorithm>

namespace ingestor::s3 {
namespace {

using std::chrono::milliseconds;

/// An object of which each connection is given a piece, and the requests that came.
class breaking_object : public s3_client {
 protected:
  static constexpr std::string_view version = "ETag: \"v1\"\r\n";

  static std::string content(std::size_t size) {
    std::string out(size, 'x');
    for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<char>('a' + i * 7 % 26);
    return out;
  }

  /// The answer's head for what is left of `whole` from `first` on.
  static std::string head(std::string_view whole, std::size_t first,
                          std::string_view more = version) {
    const auto length = "Content-Length: " + std::to_string(whole.size() - first) + "\r\n";
    const auto range = "Content-Range: bytes " + std::to_string(first) + '-' +
                       std::to_string(whole.size() - 1) + '/' + std::to_string(whole.size()) +
                       "\r\n";
    return (first == 0 ? "HTTP/1.1 200 OK\r\n" + length
                       : "HTTP/1.1 206 Partial Content\r\n" + length + range)
        .append(more)
        .append("\r\n");
  }

  static std::size_t first_byte_of(const std::string& request) {
    const std::string_view name = "\r\nrange: bytes=";
    const auto at = request.find(name);
    return at == std::string::npos ? 0 : std::stoul(request.substr(at + name.size()));
  }

  int resumes_ = 0;

  client_options counting(const scripted_server& server) {
    auto out = options(server);
    out.on_resume = [this](std::string_view, std::int64_t) { ++resumes_; };
    return out;
  }
};

TEST_F(breaking_object, goes_on_from_the_very_byte_and_only_with_the_same_version) {
  const auto whole = content(10'000);
  std::vector<std::string> requests;
  scripted_server server{[&](peer& p, int connection) {
    requests.push_back(p.read_request());
    const auto first = first_byte_of(requests.back());
    const std::size_t count = connection < 3 ? 3'333 : whole.size();
    p.send(head(whole, first) + whole.substr(first, count));
  }};
  client s3{loop_.get_executor(), counting(server)};
  auto object = get(s3);
  ASSERT_TRUE(object) << object.error().text();
  EXPECT_EQ(object->content_length(), 10'000);
  EXPECT_EQ(body_of(*object), whole);
  ASSERT_EQ(requests.size(), 3U);
  EXPECT_EQ(requests[0].find("if-match"), std::string::npos);
  for (const auto i : {1U, 2U}) {
    EXPECT_NE(requests[i].find("\r\nif-match: \"v1\"\r\n"), std::string::npos) << requests[i];
    EXPECT_EQ(first_byte_of(requests[i]), i * 3'333) << requests[i];
  }
  EXPECT_EQ(resumes_, 2);
  EXPECT_TRUE(await_on(loop_, object->read())->empty()) << "the end stays the end";
}

TEST_F(breaking_object, is_never_a_mix_of_two_versions) {
  const auto whole = content(1'000);
  for (const bool heeds_if_match : {true, false}) {
    scripted_server server{[&](peer& p, int connection) {
      const auto request = p.read_request();
      if (connection == 1) {
        p.send(head(whole, 0) + whole.substr(0, 500));
      } else if (heeds_if_match) {
        p.send(error_answer("412 Precondition Failed", "PreconditionFailed"));
      } else {
        p.send(head(whole, 500, "ETag: \"v2\"\r\n") + whole.substr(500));
      }
    }};
    client s3{loop_.get_executor(), counting(server)};
    auto object = get(s3);
    ASSERT_TRUE(object);
    const auto body = drain(*object);
    ASSERT_FALSE(body);
    EXPECT_EQ(body.error().kind, error_kind::precondition_failed) << body.error().text();
    EXPECT_EQ(server.connections(), 2);
  }
  EXPECT_EQ(resumes_, 0);
}

TEST_F(breaking_object, gives_up_when_there_is_no_progress) {
  const auto whole = content(100'000);
  scripted_server server{[&](peer& p, int) {
    const auto first = first_byte_of(p.read_request());
    p.send(head(whole, first) + whole.substr(first, 10));
  }};
  client s3{loop_.get_executor(), counting(server)};
  auto object = get(s3);
  ASSERT_TRUE(object);
  const auto body = drain(*object);
  ASSERT_FALSE(body);
  EXPECT_EQ(body.error().kind, error_kind::connection);
  EXPECT_TRUE(body.error().transient());
  EXPECT_EQ(resumes_, range_stream::resumes_in_a_row_max);
  EXPECT_EQ(server.connections(), 1 + range_stream::resumes_in_a_row_max);
  EXPECT_FALSE(await_on(loop_, object->read())) << "the error must not turn into an end";
}

TEST_F(breaking_object, goes_on_as_long_as_there_is_progress) {
  const auto whole = content(1'000'000);
  scripted_server server{[&](peer& p, int) {
    const auto first = first_byte_of(p.read_request());
    p.send(head(whole, first) + whole.substr(first, 70'000));
  }};
  client s3{loop_.get_executor(), counting(server)};
  auto object = get(s3);
  ASSERT_TRUE(object);
  EXPECT_EQ(body_of(*object), whole);
  EXPECT_EQ(resumes_, 14);
}

TEST_F(breaking_object, goes_on_where_each_connection_brings_less_than_counts_as_progress) {
  const auto whole = content(700'000);
  scripted_server server{[&](peer& p, int) {
    const auto first = first_byte_of(p.read_request());
    p.send(head(whole, first) + whole.substr(first, 50'000));
  }};
  client s3{loop_.get_executor(), counting(server)};
  auto object = get(s3);
  ASSERT_TRUE(object);
  EXPECT_EQ(body_of(*object), whole);
  EXPECT_EQ(resumes_, 13);
}

TEST_F(breaking_object, reads_on_where_a_body_stalls) {
  const auto whole = content(1'000);
  scripted_server server{[&](peer& p, int connection) {
    const auto first = first_byte_of(p.read_request());
    p.send(head(whole, first) + whole.substr(first, connection == 1 ? 100 : 1'000));
    if (connection == 1) {
      EXPECT_TRUE(p.sees_close());
    }
  }};
  auto impatient = counting(server);
  impatient.stall_timeout = milliseconds{100};
  client s3{loop_.get_executor(), impatient};
  auto object = get(s3);
  ASSERT_TRUE(object);
  EXPECT_EQ(body_of(*object), whole);
}

TEST_F(breaking_object, is_not_resumed_without_a_name_for_its_version) {
  const auto whole = content(1'000);
  scripted_server server{[&](peer& p, int) {
    p.read_request();
    p.send(head(whole, 0, "") + whole.substr(0, 500));
  }};
  client s3{loop_.get_executor(), counting(server)};
  auto object = get(s3);
  ASSERT_TRUE(object);
  const auto body = drain(*object);
  ASSERT_FALSE(body);
  EXPECT_TRUE(body.error().transient());
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(breaking_object, is_read_again_from_the_start_where_ranges_are_ignored) {
  const auto whole = content(1'000);
  scripted_server server{[&](peer& p, int connection) {
    p.read_request();
    p.send(head(whole, 0) + whole.substr(0, connection == 1 ? 500 : 1'000));
  }};
  client s3{loop_.get_executor(), counting(server)};
  auto object = get(s3);
  ASSERT_TRUE(object);
  const auto body = drain(*object);
  ASSERT_FALSE(body);
  EXPECT_TRUE(body.error().transient()) << body.error().text();
  EXPECT_NE(body.error().text().find("ignored the range"), std::string::npos);
}

TEST_F(breaking_object, in_chunks_may_lack_nothing_but_its_end) {
  scripted_server server{[&](peer& p, int connection) {
    const auto request = p.read_request();
    if (connection == 1) {
      p.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n" + std::string{version} +
             "\r\n5\r\nhello\r\n");
    } else {
      EXPECT_EQ(first_byte_of(request), 5U);
      p.send(error_answer("416 Requested Range Not Satisfiable", "InvalidRange"));
    }
  }};
  client s3{loop_.get_executor(), counting(server)};
  auto object = get(s3);
  ASSERT_TRUE(object);
  EXPECT_EQ(body_of(*object), "hello");
}

TEST_F(breaking_object, must_have_the_checksum_that_is_stored_with_it) {
  const std::string_view whole = "123456789";
  for (const auto& [stored, good] :
       {std::pair{"y/Q5Jg==", true}, {"AAAAAA==", false}, {"AAAAAA==-2", true}}) {
    scripted_server server{[&, stored = std::string{stored}](peer& p, int connection) {
      const auto first = first_byte_of(p.read_request());
      const auto more = std::string{version} + "x-amz-checksum-crc32: " + stored + "\r\n";
      const auto text = std::string{whole.substr(first, connection == 1 ? 4 : 9)};
      p.send(head(whole, first, first == 0 ? more : version) + text);
    }};
    client s3{loop_.get_executor(), counting(server)};
    auto object = get(s3);
    ASSERT_TRUE(object);
    const auto body = drain(*object);
    EXPECT_EQ(body.has_value(), good) << stored;
    if (body) continue;
    EXPECT_EQ(body.error().kind, error_kind::protocol);
    EXPECT_NE(body.error().text().find("x-amz-checksum-crc32 is y/Q5Jg=="), std::string::npos)
        << body.error().text();
  }
}

}  // namespace
}  // namespace ingestor::s3
