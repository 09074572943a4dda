// The places that give credentials, played by scripted servers and by files of the test.
#pragma once

#include "await_on.hpp"
#include "aws/provider_chain.hpp"
#include "scripted_peer.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <unistd.h>

namespace ingestor::aws {

using testing_support::await_on;
using testing_support::peer;
using testing_support::scripted_server;

inline std::string answer_of(std::string_view status, std::string_view body,
                             std::string_view more = "") {
  return "HTTP/1.1 " + std::string{status} + "\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n" + std::string{more} + "\r\n" + std::string{body};
}

/// What an agent or the metadata service says.
inline std::string agent_json(std::string_view expiration = "2099-01-01T00:00:00Z") {
  return R"({"Code":"Success","AccessKeyId":"ASIA1","SecretAccessKey":"S","Token":"T","Expiration":")" +
         std::string{expiration} + "\"}";
}

inline std::string assumed_xml(std::string_view access_key = "ASIA1") {
  return "<R><AssumeRoleResult><Credentials><AccessKeyId>" + std::string{access_key} +
         "</AccessKeyId><SecretAccessKey>S</SecretAccessKey><SessionToken>T</SessionToken>"
         "<Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></R>";
}

class places : public testing::Test {
 protected:
  places() {
    folder_ =
        std::filesystem::temp_directory_path() / ("ingestor-aws-" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
    settings_.region = "eu-west-1";
    settings_.metadata_disabled = true;
    settings_.credentials_file = path("credentials");
    settings_.config_file = path("config");
    within_.pause = std::chrono::milliseconds{2};
    for (auto* each : {&within_.sts, &within_.container, &within_.metadata}) {
      each->connect = each->first_byte = each->body = std::chrono::milliseconds{3000};
    }
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }

  std::string write(const std::string& name, std::string_view text) const {
    std::ofstream{path(name), std::ios::binary} << text;
    return path(name);
  }

  static endpoint endpoint_of(const scripted_server& server) {
    return {false, "127.0.0.1", server.port()};
  }

  result<fetched_credentials> fetch() {
    const auto from = provider_chain(settings_, within_);
    return await_on(loop_, from->fetch());
  }

  /// Its access key, or the error.
  std::string fetched() {
    const auto got = fetch();
    return got ? got->given.keys.access_key_id : got.error().message;
  }

  error_kind kind_of_failure() {
    const auto got = fetch();
    EXPECT_FALSE(got);
    return got ? error_kind::none_found : got.error().kind;
  }

  boost::asio::io_context loop_;
  credentials_settings settings_;
  limits within_;

 private:
  std::filesystem::path folder_;
};

}  // namespace ingestor::aws
