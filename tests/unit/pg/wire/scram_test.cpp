#include "pg/wire/scram.hpp"

#include "base/base64.hpp"

#include <gtest/gtest.h>

#include <string>

namespace ingestor::pg::wire {
namespace {

// The exchange of RFC 7677, section 3: user "user", password "pencil".
const std::string client_nonce = "rOprNGfwEbeRWgbNEkqO";
const std::string server_first =
    "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
const std::string client_final =
    "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
    "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
const std::string server_final = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";

scram_client after_proof() {
  scram_client client{client_nonce, "user"};
  const auto challenge = client.on_server_first(server_first);
  EXPECT_TRUE(challenge);
  const auto key = derive_key("pencil", challenge->salt, challenge->iterations);
  EXPECT_EQ(client.client_final(key), client_final);
  return client;
}

TEST(scram, derives_the_key_of_the_rfc_vector) {
  // SaltedPassword of RFC 7677's exchange.
  const auto salt = base64_decode("W22ZaJ0SNY7soEsUEjb6gQ==");
  EXPECT_EQ(base64_encode(derive_key("pencil", *salt, 4096)),
            "xKSVEDI6tPlSysH6mUQZOeeOp01r6B3fcJbodRPcYV0=");
}

TEST(scram, a_whole_exchange_succeeds) {
  EXPECT_EQ(scram_client(client_nonce, "user").client_first(), "n,,n=user,r=" + client_nonce);
  EXPECT_EQ(scram_client(client_nonce).client_first(), "n,,n=,r=" + client_nonce);
  EXPECT_TRUE(after_proof().on_server_final(server_final));
}

TEST(scram, a_server_that_does_not_know_the_password_is_found_out) {
  const auto client = after_proof();
  auto forged = server_final;
  forged[4] = forged[4] == 'A' ? 'B' : 'A';
  const auto verdict = client.on_server_final(forged);
  ASSERT_FALSE(verdict);
  EXPECT_NE(verdict.error().reason.find("does not know the password"), std::string::npos);
}

TEST(scram, a_final_message_must_be_exactly_that) {
  const auto client = after_proof();
  for (const auto& message :
       {std::string{}, std::string{"v="}, std::string{"e=other-error"}, server_final + ",",
        server_final + ",x=1", server_final + " ", "x" + server_final,
        server_final.substr(0, server_final.size() - 4)}) {
    EXPECT_FALSE(client.on_server_final(message)) << message;
  }
}

TEST(scram, hostile_challenges_are_refused) {
  const std::string nonce = client_nonce + "more";
  const std::string salt = "W22ZaJ0SNY7soEsUEjb6gQ==";
  const auto challenge = [](std::string_view message) {
    scram_client client{client_nonce};
    return client.on_server_first(message).has_value();
  };
  EXPECT_TRUE(challenge("r=" + nonce + ",s=" + salt + ",i=1"));
  EXPECT_TRUE(challenge("r=" + nonce + ",s=" + salt + ",i=100000"));
  for (const auto& iterations : {"0", "100001", "200000000", "4294967297", "-1", "+1", "01", "",
                                 "4096 ", "4096,", "4096,x=1", "0x10"}) {
    EXPECT_FALSE(challenge("r=" + nonce + ",s=" + salt + ",i=" + iterations)) << iterations;
  }
  EXPECT_FALSE(challenge("r=" + client_nonce + ",s=" + salt + ",i=4096")) << "adds no nonce";
  EXPECT_FALSE(challenge("r=x" + nonce + ",s=" + salt + ",i=4096")) << "another nonce";
  EXPECT_FALSE(challenge("r=" + nonce + "\x01,s=" + salt + ",i=4096")) << "unprintable";
  EXPECT_FALSE(challenge("r=" + nonce + ",s=,i=4096")) << "no salt";
  EXPECT_FALSE(challenge("r=" + nonce + ",s=W22ZaJ0SNY7soEsUEjb6gQ,i=4096")) << "no padding";
  EXPECT_FALSE(challenge("m=ext,r=" + nonce + ",s=" + salt + ",i=4096")) << "extension";
  EXPECT_FALSE(challenge("s=" + salt + ",r=" + nonce + ",i=4096")) << "order";
  EXPECT_FALSE(challenge(""));
}

}  // namespace
}  // namespace ingestor::pg::wire
