// The Signature Version 4 vectors of AWS's own C library: each is a folder with a request, the
// context to sign it in, and what every step must give.
#include "aws/proto/percent_encoding.hpp"
#include "aws/proto/sigv4.hpp"

#include <gtest/gtest.h>
#include <tao/json.hpp>
#include <tao/json/from_file.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <set>
#include <string>
#include <vector>

namespace ingestor::aws {
namespace {

const std::filesystem::path vectors{SHARED_DIR "/vectors/sigv4"};

std::string file_text(const std::filesystem::path& path) {
  std::ifstream in{path, std::ios::binary};
  std::string text{std::istreambuf_iterator<char>{in}, {}};
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  return text;
}

std::string decoded(std::string_view text) {
  return decode_listed(text).value_or("not percent-encoded");
}

struct vector_case {
  unsigned_request request;
  std::string body;
  credentials creds;
  signing_scope scope;
  path_rule rule{};
  bool sign_body = false;
  bool omit_session_token = false;
};

void read_target(std::string_view target, unsigned_request& out) {
  const auto question = std::min(target.find('?'), target.size());
  out.path = target.substr(0, question);
  auto rest = target.substr(std::min(question + 1, target.size()));
  while (!rest.empty()) {
    const auto end = std::min(rest.find('&'), rest.size());
    const auto pair = rest.substr(0, end);
    const auto equals = std::min(pair.find('='), pair.size());
    out.query.emplace_back(decoded(pair.substr(0, equals)),
                           decoded(pair.substr(std::min(equals + 1, pair.size()))));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
}

/// The request line, headers (some folded over several lines), and a body behind an empty line.
void read_request(const std::string& text, vector_case& out) {
  const auto head_end = std::min(text.find("\n\n"), text.size());
  out.body = text.substr(std::min(head_end + 2, text.size()));
  const auto head = text.substr(0, head_end);
  const auto line_end = std::min(head.find('\n'), head.size());
  const auto line = head.substr(0, line_end);
  const auto first_space = line.find(' ');
  out.request.method = line.substr(0, first_space);
  read_target(line.substr(first_space + 1, line.rfind(' ') - first_space - 1), out.request);
  std::size_t at = line_end + 1;
  while (at < head.size()) {
    const auto end = std::min(head.find('\n', at), head.size());
    const auto header = head.substr(at, end - at);
    if (header.front() == ' ') {
      out.request.headers.back().second += header;
    } else {
      const auto colon = header.find(':');
      out.request.headers.emplace_back(header.substr(0, colon), header.substr(colon + 1));
    }
    at = end + 1;
  }
}

vector_case read_case(const std::filesystem::path& folder) {
  vector_case out;
  const auto context = tao::json::from_file(folder / "context.json");
  const auto& creds = context.at("credentials");
  out.creds.access_key_id = creds.at("access_key_id").get_string();
  out.creds.secret_access_key = secret{creds.at("secret_access_key").get_string()};
  if (creds.find("token") != nullptr) {
    out.creds.session_token = secret{creds.at("token").get_string()};
  }
  out.scope.region = context.at("region").get_string();
  out.scope.service = context.at("service").get_string();
  // All of them are signed at 2015-08-30T12:36:00Z.
  EXPECT_EQ(context.at("timestamp").get_string(), "2015-08-30T12:36:00Z");
  out.scope.time = std::chrono::sys_days{std::chrono::year{2015} / 8 / 30} +
                   std::chrono::hours{12} + std::chrono::minutes{36};
  out.rule = context.at("normalize").get_boolean() ? path_rule::normalised : path_rule::verbatim;
  out.sign_body = context.at("sign_body").get_boolean();
  const auto* const omit = context.find("omit_session_token");
  out.omit_session_token = omit != nullptr && omit->get_boolean();
  read_request(file_text(folder / "request.txt"), out);
  return out;
}

constexpr std::size_t vectors_known = 38;

/// Both ways of signing have a test for each vector. That none was left out is asked at the end, by
/// the tests that ran, unless a part of them was asked for.
class all_vectors_ran : public testing::Environment {
 public:
  void TearDown() override {
    if (GTEST_FLAG_GET(filter) != "*" || !std::filesystem::exists(vectors)) return;
    std::cout << in_headers.size() << " SigV4 vectors ran with headers, " << in_queries.size()
              << " with a query, of " << vectors_known << '\n';
    EXPECT_EQ(in_headers.size(), vectors_known);
    EXPECT_EQ(in_queries.size(), vectors_known);
  }

  std::set<std::string> in_headers;
  std::set<std::string> in_queries;
};

/// GoogleTest owns it.
auto* const ran = static_cast<all_vectors_ran*>(testing::AddGlobalTestEnvironment(
    new all_vectors_ran));  // NOLINT(cppcoreguidelines-owning-memory)

class sigv4_vector : public testing::TestWithParam<std::string> {
 protected:
  std::filesystem::path folder() const { return vectors / GetParam(); }

  /// All three steps against the files whose names begin with `kind`.
  void expect_steps(const vector_case& c, std::string_view kind) const {
    const auto expected = [&](std::string_view step) {
      return file_text(folder() / std::string{kind}.append(step));
    };
    const auto canonical = canonical_request(c.request, sha256_hex(c.body), c.rule);
    EXPECT_EQ(canonical, expected("-canonical-request.txt"));
    const auto to_sign = string_to_sign(canonical, c.scope);
    EXPECT_EQ(to_sign, expected("-string-to-sign.txt"));
    EXPECT_EQ(signature(to_sign, c.creds.secret_access_key, c.scope), expected("-signature.txt"));
  }
};

TEST_P(sigv4_vector, signs_headers) {
  auto c = read_case(folder());
  c.request.headers.emplace_back("X-Amz-Date", amz_date(c.scope.time));
  if (c.sign_body) c.request.headers.emplace_back("x-amz-content-sha256", sha256_hex(c.body));
  if (!c.creds.session_token.empty() && !c.omit_session_token) {
    c.request.headers.emplace_back("X-Amz-Security-Token", c.creds.session_token.reveal());
  }
  expect_steps(c, "header");

  const auto header = authorization(c.request, sha256_hex(c.body), c.rule, c.creds, c.scope);
  const auto signed_request = file_text(folder() / "header-signed-request.txt") + '\n';
  EXPECT_NE(signed_request.find("Authorization:" + header + '\n'), std::string::npos) << header;
  ran->in_headers.insert(GetParam());
}

TEST_P(sigv4_vector, signs_a_query) {
  auto c = read_case(folder());
  c.request.query.emplace_back("X-Amz-Algorithm", "AWS4-HMAC-SHA256");
  c.request.query.emplace_back("X-Amz-Credential", c.creds.access_key_id + "/20150830/" +
                                                       c.scope.region + '/' + c.scope.service +
                                                       "/aws4_request");
  c.request.query.emplace_back("X-Amz-Date", amz_date(c.scope.time));
  c.request.query.emplace_back("X-Amz-Expires", "3600");
  c.request.query.emplace_back("X-Amz-SignedHeaders", signed_headers(c.request.headers));
  if (!c.creds.session_token.empty() && !c.omit_session_token) {
    c.request.query.emplace_back("X-Amz-Security-Token", c.creds.session_token.reveal());
  }
  expect_steps(c, "query");
  ran->in_queries.insert(GetParam());
}

std::vector<std::string> case_names() {
  std::vector<std::string> names;
  std::error_code absent;
  for (const auto& entry : std::filesystem::directory_iterator{vectors, absent}) {
    names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string identifier(const testing::TestParamInfo<std::string>& vector) {
  auto name = vector.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(aws, sigv4_vector, testing::ValuesIn(case_names()), identifier);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(sigv4_vector);

TEST(sigv4_vectors, are_beside_this_checkout) {
  if (!std::filesystem::exists(vectors)) GTEST_SKIP() << "there is no " << vectors;
  EXPECT_EQ(case_names().size(), vectors_known);
}

}  // namespace
}  // namespace ingestor::aws
