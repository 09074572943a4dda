#include "client_fixture.hpp"

#include <mutex>

namespace ingestor::s3 {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

std::string header_of(const std::string& request, std::string_view name) {
  const auto field = "\r\n" + std::string{name} + ": ";
  const auto at = request.find(field);
  if (at == std::string::npos) return {};
  const auto begin = at + field.size();
  return request.substr(begin, request.find("\r\n", begin) - begin);
}

std::string region_of(const std::string& request) {
  const auto credential = header_of(request, "authorization");
  const auto day = credential.find('/');
  const auto begin = credential.find('/', day + 1) + 1;
  return credential.substr(begin, credential.find('/', begin) - begin);
}

/// Answers the first `refusals` requests with `refusal`, the others with a listing.
class corrected : public s3_client {
 protected:
  scripted_server::script refusing(int refusals, std::string refusal) {
    return [this, refusals, refusal = std::move(refusal)](peer& p, int) {
      const auto request = p.read_request();
      std::size_t number = 0;
      {
        const std::lock_guard guard{lock_};
        requests_.push_back(request);
        number = requests_.size();
      }
      if (number <= static_cast<std::size_t>(refusals)) {
        p.send(refusal);
      } else {
        p.answer(one_page());
      }
    };
  }

  client_options noting(const scripted_server& server) {
    auto out = options(server);
    out.on_correction = [this](std::string what) { notes_.push_back(std::move(what)); };
    out.retry.attempts_max = 1;
    return out;
  }

  std::mutex lock_;
  std::vector<std::string> requests_;
  std::vector<std::string> notes_;
};

TEST_F(corrected, a_clock_that_is_not_s3s_is_put_right_once) {
  const std::string refusal = error_answer("403 Forbidden", "RequestTimeTooSkewed",
                                           "Date: Tue, 01 Jan 2030 00:00:00 GMT\r\n");
  scripted_server server{refusing(1, refusal)};
  client s3{loop_.get_executor(), noting(server)};
  ASSERT_TRUE(list(s3));
  ASSERT_EQ(requests_.size(), 2U);
  EXPECT_NE(header_of(requests_[0], "x-amz-date").substr(0, 4), "2030");
  EXPECT_EQ(header_of(requests_[1], "x-amz-date").substr(0, 8), "20300101");
  ASSERT_EQ(notes_.size(), 1U);
  EXPECT_NE(notes_[0].find("clock"), std::string::npos);
  ASSERT_TRUE(list(s3));
  EXPECT_EQ(header_of(requests_[2], "x-amz-date").substr(0, 8), "20300101") << "it stays so";
}

TEST_F(corrected, a_clock_is_not_put_right_twice_for_one_request) {
  const std::string refusal = error_answer("403 Forbidden", "RequestTimeTooSkewed",
                                           "Date: Tue, 01 Jan 2030 00:00:00 GMT\r\n");
  scripted_server server{refusing(9, refusal)};
  client s3{loop_.get_executor(), noting(server)};
  const auto page = list(s3);
  ASSERT_FALSE(page);
  EXPECT_EQ(page.error().code, "RequestTimeTooSkewed");
  EXPECT_EQ(requests_.size(), 2U);
}

TEST_F(corrected, the_region_is_the_one_that_s3_names) {
  const std::string refusal = error_answer("301 Moved Permanently", "PermanentRedirect",
                                           "x-amz-bucket-region: eu-west-3\r\n"
                                           "Location: http://elsewhere.example/\r\n");
  scripted_server server{refusing(1, refusal)};
  client s3{loop_.get_executor(), noting(server)};
  ASSERT_TRUE(list(s3));
  ASSERT_EQ(requests_.size(), 2U) << "the redirect's host is not asked";
  EXPECT_EQ(region_of(requests_[0]), "us-east-1");
  EXPECT_EQ(region_of(requests_[1]), "eu-west-3");
  EXPECT_EQ(notes_,
            std::vector<std::string>{"the bucket is in eu-west-3; AWS_REGION says us-east-1"});
}

TEST_F(corrected, a_redirect_that_names_no_other_region_is_an_error) {
  for (const auto* more :
       {"", "x-amz-bucket-region: us-east-1\r\n", "x-amz-bucket-region: a/b\r\n"}) {
    scripted_server server{
        refusing(9, error_answer("301 Moved Permanently", "PermanentRedirect", more))};
    client s3{loop_.get_executor(), noting(server)};
    requests_.clear();
    const auto page = list(s3);
    ASSERT_FALSE(page);
    EXPECT_EQ(page.error().kind, error_kind::redirect);
    EXPECT_EQ(requests_.size(), 1U) << more;
  }
}

/// Gives "KEY1" until that is refused, then "KEY2".
class rotating final : public aws::credentials_source {
 public:
  boost::asio::awaitable<aws::result<credentials>> get() override {
    co_return credentials{"KEY" + std::to_string(number_), secret{"s"}, secret{"t"}};
  }
  bool refused(const credentials& used) override {
    refused_.push_back(used.access_key_id);
    return ++number_ <= 2;
  }
  std::string origin() const override { return "the test"; }

  int number_ = 1;
  std::vector<std::string> refused_;
};

TEST_F(corrected, credentials_that_have_run_out_are_asked_for_once_more) {
  scripted_server server{refusing(1, error_answer("400 Bad Request", "ExpiredToken"))};
  auto with = noting(server);
  const auto source = std::make_shared<rotating>();
  with.creds = source;
  client s3{loop_.get_executor(), with};
  ASSERT_TRUE(list(s3));
  ASSERT_EQ(requests_.size(), 2U);
  EXPECT_NE(requests_[0].find("Credential=KEY1/"), std::string::npos);
  EXPECT_NE(requests_[1].find("Credential=KEY2/"), std::string::npos);
  EXPECT_EQ(source->refused_, std::vector<std::string>{"KEY1"});
}

TEST_F(corrected, credentials_that_stay_expired_are_an_error_after_two_requests) {
  scripted_server server{refusing(9, error_answer("400 Bad Request", "ExpiredToken"))};
  auto with = noting(server);
  with.creds = std::make_shared<rotating>();
  client s3{loop_.get_executor(), with};
  const auto page = list(s3);
  ASSERT_FALSE(page);
  EXPECT_EQ(page.error().kind, error_kind::credentials);
  EXPECT_EQ(requests_.size(), 2U);
}

/// Has none.
class empty_handed final : public aws::credentials_source {
 public:
  boost::asio::awaitable<aws::result<credentials>> get() override {
    co_return aws::error{aws::error_kind::none_found, "no credentials: looked under the sofa"};
  }
  bool refused(const credentials&) override { return false; }
  std::string origin() const override { return {}; }
};

TEST_F(corrected, nobody_is_asked_without_credentials) {
  scripted_server server{refusing(0, "")};
  auto with = noting(server);
  with.creds = std::make_shared<empty_handed>();
  client s3{loop_.get_executor(), with};
  const auto page = list(s3);
  ASSERT_FALSE(page);
  EXPECT_EQ(page.error().kind, error_kind::credentials);
  EXPECT_NE(page.error().text().find("looked under the sofa"), std::string::npos);
  EXPECT_EQ(server.connections(), 0);
}

TEST_F(corrected, requests_follow_one_another_more_slowly_after_slow_down) {
  scripted_server server{refusing(4, error_answer("503 Slow Down", "SlowDown"))};
  auto patient = noting(server);
  patient.retry.attempts_max = 6;
  client s3{loop_.get_executor(), patient};
  const auto begun = std::chrono::steady_clock::now();
  ASSERT_TRUE(list(s3));
  // 20, 40, 80 and 160 ms between the starts.
  EXPECT_GE(std::chrono::steady_clock::now() - begun, milliseconds{295});
  EXPECT_EQ(requests_.size(), 5U);
}

TEST_F(corrected, retry_after_holds_every_request) {
  scripted_server server{
      refusing(1, error_answer("503 Service Unavailable", "SlowDown", "Retry-After: 1\r\n"))};
  client s3{loop_.get_executor(), noting(server)};
  ASSERT_FALSE(list(s3)) << "one attempt only";
  const auto begun = std::chrono::steady_clock::now();
  ASSERT_TRUE(list(s3));
  EXPECT_GE(std::chrono::steady_clock::now() - begun, milliseconds{900});
}

TEST_F(corrected, retries_end_with_their_budget) {
  scripted_server server{
      refusing(100'000, error_answer("500 Internal Server Error", "InternalError"))};
  auto eager = noting(server);
  eager.retry = {
      .attempts_max = 2, .backoff_base = milliseconds{0}, .backoff_max = milliseconds{0}};
  client s3{loop_.get_executor(), eager};
  constexpr int lists = 150;
  for (int i = 0; i < lists; ++i) ASSERT_FALSE(list(s3));
  EXPECT_EQ(requests_.size(),
            lists + proto::retry_budget::capacity / proto::retry_budget::retry_cost);
}

}  // namespace
}  // namespace ingestor::s3
