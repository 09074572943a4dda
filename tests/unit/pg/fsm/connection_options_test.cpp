#include "pg/fsm/connection_options.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace ingestor::pg {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

connection_options parsed(std::string_view uri, const connection_defaults& defaults = {}) {
  auto options = parse_connection_uri(uri, defaults);
  EXPECT_TRUE(options) << uri << ": " << (options ? "" : options.error().front());
  return options ? *options : connection_options{};
}

std::vector<std::string> mistakes(std::string_view uri, const connection_defaults& defaults = {}) {
  const auto options = parse_connection_uri(uri, defaults);
  EXPECT_FALSE(options) << uri;
  return options ? std::vector<std::string>{} : options.error();
}

TEST(connection_uri, everything_that_is_common) {
  const auto options = parsed("postgresql://me:s%40cret@db.example:6432/logs?application_name=in");
  EXPECT_THAT(options.servers, ElementsAre(server_address{"db.example", 6432}));
  EXPECT_EQ(options.user, "me");
  EXPECT_EQ(options.password.reveal(), "s@cret");
  EXPECT_EQ(options.database, "logs");
  EXPECT_EQ(options.application_name, "in");
  EXPECT_EQ(options.sslmode, ssl_mode::prefer);
  EXPECT_EQ(options.target, session_attributes::any);
}

TEST(connection_uri, defaults_are_those_of_libpq) {
  connection_defaults defaults;
  defaults.user = "os-user";
  defaults.password = secret{"from-env"};
  const auto options = parsed("postgres://", defaults);
  EXPECT_THAT(options.servers, ElementsAre(server_address{"/var/run/postgresql", 5432}));
  EXPECT_EQ(options.user, "os-user");
  EXPECT_EQ(options.database, "os-user");
  EXPECT_EQ(options.password.reveal(), "from-env");
  EXPECT_EQ(parsed("postgres://u:own@h", defaults).password.reveal(), "own");
  EXPECT_EQ(parsed("postgres://u:@h", defaults).password.reveal(), "from-env");
  EXPECT_EQ(parsed("postgres://u@h?password=", defaults).password.reveal(), "");
  EXPECT_EQ(parsed("postgres://u@h").database, "u");
}

TEST(connection_uri, hosts_in_all_their_forms) {
  EXPECT_THAT(
      parsed("postgres://u@a:1,b,[::1]:3/d").servers,
      ElementsAre(server_address{"a", 1}, server_address{"b", 5432}, server_address{"::1", 3}));
  EXPECT_THAT(parsed("postgres://u@[fe80::1]/d").servers,
              ElementsAre(server_address{"fe80::1", 5432}));
  EXPECT_THAT(parsed("postgres://u@%2Frun%2Fpg:6000/d").servers,
              ElementsAre(server_address{"/run/pg", 6000}));
  EXPECT_THAT(parsed("postgres:///d?host=/run/pg&user=u").servers,
              ElementsAre(server_address{"/run/pg", 5432}));
  EXPECT_THAT(parsed("postgres://u@ignored/d?host=a,b&port=7").servers,
              ElementsAre(server_address{"a", 7}, server_address{"b", 7}));
  EXPECT_THAT(parsed("postgres://u@a/d?host=a,b&port=7,8").servers,
              ElementsAre(server_address{"a", 7}, server_address{"b", 8}));
}

TEST(connection_uri, addresses_read_well) {
  EXPECT_EQ((server_address{"db", 5432}.text()), "db:5432");
  EXPECT_EQ((server_address{"::1", 5432}.text()), "[::1]:5432");
  EXPECT_EQ((server_address{"/run/pg", 6000}.text()), "/run/pg/.s.PGSQL.6000");
}

TEST(connection_uri, every_parameter_is_understood) {
  const auto options = parsed(
      "postgres://h/?user=u&password=p&dbname=d&connect_timeout=7&options=-c%20a%3Db&"
      "target_session_attrs=read-write&keepalives=0&keepalives_idle=1&keepalives_interval=2&"
      "keepalives_count=3&tcp_user_timeout=4000&fallback_application_name=f&client_encoding=UTF8&"
      "gssencmode=disable&sslnegotiation=postgres&channel_binding=prefer");
  EXPECT_EQ(options.user, "u");
  EXPECT_EQ(options.password.reveal(), "p");
  EXPECT_EQ(options.database, "d");
  EXPECT_EQ(options.connect_timeout.count(), 7);
  EXPECT_EQ(options.options, "-c a=b");
  EXPECT_EQ(options.target, session_attributes::read_write);
  EXPECT_EQ(options.keepalives,
            (keepalive_options{false, std::chrono::seconds{1}, std::chrono::seconds{2}, 3,
                               std::chrono::seconds{4}}));
  EXPECT_EQ(options.application_name, "f");
}

TEST(connection_uri, tls_modes) {
  EXPECT_EQ(parsed("postgres://u@h?sslmode=disable").sslmode, ssl_mode::disable);
  EXPECT_EQ(parsed("postgres://u@h?sslmode=allow").sslmode, ssl_mode::allow);
  EXPECT_EQ(parsed("postgres://u@h?sslmode=require").sslmode, ssl_mode::require);
  EXPECT_EQ(parsed("postgres://u@h?ssl=true").sslmode, ssl_mode::require);
  EXPECT_EQ(parsed("postgres://u@h?sslmode=verify-ca&sslrootcert=/ca").sslmode,
            ssl_mode::verify_ca);
  EXPECT_EQ(parsed("postgres://u@h?sslmode=verify-full&sslrootcert=system").sslrootcert, "system");
  EXPECT_EQ(parsed("postgres://u@h?sslrootcert=system").sslmode, ssl_mode::verify_full);
  connection_defaults defaults;
  defaults.sslrootcert = "/home/u/.postgresql/root.crt";
  EXPECT_EQ(parsed("postgres://u@h?sslmode=verify-full", defaults).sslrootcert,
            "/home/u/.postgresql/root.crt");
}

allowed_authentication allowed(std::string_view require_auth) {
  return parsed("postgres://u@h?require_auth=" + std::string{require_auth}).authentication;
}

TEST(connection_uri, require_auth_names_or_excludes_methods) {
  const allowed_authentication usual{true, true, false, false};
  EXPECT_EQ(parsed("postgres://u@h").authentication, usual);
  EXPECT_EQ(allowed(""), usual);
  EXPECT_EQ(allowed("scram-sha-256"), (allowed_authentication{false, true, false, false}));
  EXPECT_EQ(allowed("none"), (allowed_authentication{true, false, false, false}));
  EXPECT_EQ(allowed("scram-sha-256,password"), (allowed_authentication{false, true, true, false}));
  EXPECT_EQ(allowed("md5,none"), (allowed_authentication{true, false, false, true}));
  EXPECT_EQ(allowed("!none,!gss"), (allowed_authentication{false, true, false, false}));
  EXPECT_EQ(allowed("!md5"), usual) << "what is not excluded is not asked for either";
  EXPECT_THAT(mistakes("postgres://u@h?require_auth=!none,!scram-sha-256"),
              ElementsAre(HasSubstr("leaves no way")));
  EXPECT_EQ(allowed("gss,scram-sha-256,sspi"), allowed("scram-sha-256"));
  EXPECT_THAT(mistakes("postgres://u@h?require_auth=gss,sspi"),
              ElementsAre(HasSubstr("leaves no way")));
  for (const auto* const twice : {"md5,md5", "!gss,!gss", "gss,none,gss"}) {
    EXPECT_THAT(mistakes("postgres://u@h?require_auth=" + std::string{twice}),
                ElementsAre(HasSubstr("more than once")));
  }
  for (const auto* const gap : {"scram-sha-256,", ",none", "none,,md5", ",", "!md5,!"}) {
    EXPECT_THAT(mistakes("postgres://u@h?require_auth=" + std::string{gap}), testing::SizeIs(1))
        << gap;
  }
  EXPECT_THAT(mistakes("postgres://u@h?require_auth=none,!md5"),
              ElementsAre(HasSubstr("either all methods begin with !")));
  for (const auto* const wrong : {"magic", "none,", ",none", "none,,md5"}) {
    EXPECT_THAT(mistakes("postgres://u@h?require_auth=" + std::string{wrong}),
                ElementsAre(HasSubstr("use one of")));
  }
}

TEST(connection_uri, certificates_of_ones_own) {
  const auto options = parsed("postgres://u@h?sslcert=/c&sslkey=/k&sslpassword=open");
  EXPECT_EQ(options.sslcert, "/c");
  EXPECT_EQ(options.sslkey, "/k");
  EXPECT_EQ(options.sslpassword.reveal(), "open");
  connection_defaults defaults;
  defaults.sslcert = "~/c";
  defaults.sslkey = "~/k";
  EXPECT_EQ(parsed("postgres://u@h", defaults).sslcert, "~/c");
  EXPECT_EQ(parsed("postgres://u@h", defaults).sslkey, "~/k");
  EXPECT_EQ(parsed("postgres://u@h?sslcert=/c", defaults).sslkey, "~/k");
  EXPECT_EQ(parsed("postgres://u@h?sslmode=disable", defaults).sslmode, ssl_mode::disable)
      << "what was not asked for contradicts nothing";
}

TEST(connection_uri, certificates_are_no_mistake_where_there_is_no_tls) {
  const auto options =
      parsed("postgres://u@h?sslmode=disable&sslrootcert=/ca&sslcert=/c&sslkey=/k");
  EXPECT_EQ(options.sslmode, ssl_mode::disable);
}

TEST(connection_uri, channel_binding_and_negotiation) {
  EXPECT_EQ(parsed("postgres://u@h").binding, channel_binding::prefer);
  EXPECT_EQ(parsed("postgres://u@h?channel_binding=disable").binding, channel_binding::disable);
  EXPECT_EQ(parsed("postgres://u@h?channel_binding=require").binding, channel_binding::require);
  EXPECT_EQ(parsed("postgres://u@h").sslnegotiation, ssl_negotiation::postgres);
  EXPECT_EQ(parsed("postgres://u@h?sslmode=require&sslnegotiation=direct").sslnegotiation,
            ssl_negotiation::direct);
}

TEST(connection_uri, the_password_file_that_is_named_wins) {
  connection_defaults defaults;
  defaults.passfile = "/home/u/.pgpass";
  EXPECT_EQ(parsed("postgres://u@h", defaults).passfile, "/home/u/.pgpass");
  EXPECT_EQ(parsed("postgres://u@h?passfile=/p", defaults).passfile, "/p");
}

TEST(connection_uri, contradictions_are_found) {
  for (const auto& [parameters, said] : std::vector<std::pair<std::string, std::string>>{
           {"sslcert=/c", "sslcert needs its private key"},
           {"sslkey=/k", "sslkey needs its certificate"},
           {"sslpassword=x", "sslpassword needs the key"},
           {"sslmode=prefer&sslnegotiation=direct", "sslnegotiation=direct needs"},
           {"sslnegotiation=direct", "sslnegotiation=direct needs"},
           {"sslmode=disable&channel_binding=require", "which sslmode=disable forbids"},
           {"channel_binding=require&require_auth=none", "which require_auth forbids"},
           {"sslmode=verify-ca", "need a root certificate"},
       }) {
    EXPECT_THAT(mistakes("postgres://u@h?" + parameters), ElementsAre(HasSubstr(said)))
        << parameters;
  }
}

TEST(connection_uri, what_is_not_supported_is_said) {
  for (const auto* const parameter :
       {"hostaddr=1.2.3.4", "sslcrl=x", "replication=true", "service=x", "sslsni=0"}) {
    const std::string text{parameter};
    const auto name = text.substr(0, text.find('='));
    EXPECT_THAT(mistakes("postgres://u@h?" + text),
                ElementsAre(testing::AllOf(HasSubstr(name), HasSubstr("not supported"))));
  }
}

TEST(connection_uri, unknown_parameters_are_named) {
  EXPECT_THAT(mistakes("postgres://u@h?sslmod=require"),
              ElementsAre(HasSubstr("unknown parameter \"sslmod\"")));
}

TEST(connection_uri, all_mistakes_come_together) {
  EXPECT_THAT(mistakes("postgres://h:0/d?sslmode=strong&connect_timeout=soon&x=1"),
              ElementsAre(HasSubstr("sslmode=strong"), HasSubstr("connect_timeout=soon"),
                          HasSubstr("\"x\""), HasSubstr("port"), HasSubstr("no user name")));
}

TEST(connection_uri, numbers_mean_what_they_mean_to_libpq) {
  const auto timeout = [](const std::string& text) {
    return parsed("postgres://u@h?connect_timeout=" + text).connect_timeout.count();
  };
  EXPECT_EQ(timeout("0"), 0);
  EXPECT_EQ(timeout("-1"), 0) << "no limit";
  EXPECT_EQ(timeout("1"), 2);
  EXPECT_EQ(timeout("3"), 3);
  EXPECT_TRUE(parsed("postgres://u@h?keepalives=2").keepalives.enabled);
  EXPECT_TRUE(parsed("postgres://u@h?keepalives=-1").keepalives.enabled);
  EXPECT_FALSE(parsed("postgres://u@h?keepalives=0").keepalives.enabled);
}

TEST(connection_uri, values_out_of_range) {
  EXPECT_THAT(mistakes("postgres://u@h:65536"), ElementsAre(HasSubstr("1 to 65535")));
  EXPECT_THAT(mistakes("postgres://u@a,b?port=1,2,3"), ElementsAre(HasSubstr("2 hosts and 3")));
  EXPECT_THAT(mistakes("postgres://u@h?connect_timeout=86401"),
              ElementsAre(HasSubstr("up to 86400")));
  EXPECT_THAT(mistakes("postgres://u@h?keepalives=yes"), ElementsAre(HasSubstr("1 or 0")));
  EXPECT_THAT(mistakes("postgres://u@h?client_encoding=LATIN1"), ElementsAre(HasSubstr("UTF8")));
  EXPECT_THAT(mistakes("postgres://u@h?sslmode=verify-full"),
              ElementsAre(HasSubstr("root certificate")));
  EXPECT_THAT(mistakes("postgres://u@h?sslmode=require&sslrootcert=system"),
              ElementsAre(HasSubstr("verify-full")));
}

TEST(connection_uri, broken_syntax) {
  EXPECT_THAT(mistakes("mysql://u@h"), ElementsAre(HasSubstr("postgresql://")));
  EXPECT_THAT(mistakes(""), ElementsAre(HasSubstr("postgresql://")));
  EXPECT_THAT(mistakes("postgres://u@[::1/d"), ElementsAre(HasSubstr("closing ]")));
  EXPECT_THAT(mistakes("postgres://u@[::1]x/d"), ElementsAre(HasSubstr("behind an IPv6")));
  EXPECT_THAT(mistakes("postgres://u@h?a"), ElementsAre(HasSubstr("name=value")));
  EXPECT_THAT(mistakes("postgres://u@h?options=a=b"), ElementsAre(HasSubstr("%3D")));
  EXPECT_THAT(mistakes("postgres://u%0@h"), testing::Contains(HasSubstr("hexadecimal")));
  EXPECT_THAT(mistakes("postgres://u@h/d%00e"), ElementsAre(HasSubstr("%00")));
}

TEST(connection_uri, no_mistake_shows_a_piece_of_the_password) {
  for (const auto* const uri :
       {"postgres://u:hunter@two@h/d?x=1", "postgres://u:hunter/two@h/d?x=1",
        "postgres://u:/hunter?two=hunter@h/d", "postgres://u:hunter/two@h/d?sslmode=hunter",
        "postgres://u:p%hunter@h/d", "postgres://u@h?password=%hunter", "u:hunter@h",
        "postgres://u:/?hunter@h", "postgres://u:1/hunter@h:hunter/?hunter",
        "postgres://u:two?hunter=two", "postgres://u:two/?sslmode=hunter"}) {
    for (const auto& mistake : mistakes(uri)) EXPECT_THAT(mistake, Not(HasSubstr("hunter"))) << uri;
  }
}

}  // namespace
}  // namespace ingestor::pg
