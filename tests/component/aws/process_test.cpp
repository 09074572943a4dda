#include "places_fixture.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <gmock/gmock.h>

#include <csignal>

namespace ingestor::aws {
namespace {

namespace asio = boost::asio;
using std::chrono::milliseconds;
using std::chrono::steady_clock;
using ::testing::HasSubstr;
using ::testing::Not;

class credential_program : public places {
 protected:
  /// A program of this shell script.
  void run(std::string_view script) {
    const auto program = write("program", "#!/bin/sh\n" + std::string{script});
    std::filesystem::permissions(program, std::filesystem::perms::owner_all);
    write("config", "[default]\ncredential_process = '" + program + "' a 'b c'\n");
  }

  /// Of what the script has written into the file "pid".
  bool has_ended() {
    pid_t pid = 0;
    std::ifstream{path("pid")} >> pid;
    EXPECT_GT(pid, 0);
    const auto deadline = steady_clock::now() + std::chrono::seconds{5};
    while (::kill(pid, 0) == 0 && steady_clock::now() < deadline) {
      std::this_thread::sleep_for(milliseconds{5});
    }
    return ::kill(pid, 0) != 0;
  }

  std::string writes_pid() const { return "echo $$ >'" + path("pid") + "'\n"; }
};

const std::string prints_keys =
    R"(echo '{"Version":1,"AccessKeyId":"AKIA1","SecretAccessKey":"S"}')"
    "\n";

TEST_F(credential_program, prints_credentials) {
  run("[ \"$#$1$2\" = '2ab c' ] && " + prints_keys);
  const auto got = fetch();
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(got->given.keys.access_key_id, "AKIA1");
  EXPECT_FALSE(got->given.expires);
  EXPECT_EQ(got->origin, "credential_process of profile \"default\"");
}

TEST_F(credential_program, has_no_input_and_none_of_our_files) {
  run("read x && exit 3\nls -l /proc/$$/fd | grep -q socket && exit 4\n" + prints_keys);
  scripted_server other{[](peer&, int) {}};  // sockets are open, then
  EXPECT_EQ(fetched(), "AKIA1");
}

TEST_F(credential_program, complains_in_its_own_words) {
  run("echo 'vault is sealed' >&2; echo 'second line' >&2; echo hunter2; exit 7");
  EXPECT_THAT(fetched(), AllOf(HasSubstr("failed with exit 7: vault is sealed"),
                               Not(HasSubstr("second")), Not(HasSubstr("hunter2"))));
  run("kill -9 $$");
  EXPECT_THAT(fetched(), HasSubstr("failed with signal 9"));
}

TEST_F(credential_program, may_not_be_there) {
  write("config", "[default]\ncredential_process = no-such-program --token hunter2\n");
  EXPECT_THAT(fetched(), AllOf(HasSubstr("no-such-program): it cannot be run: No such file"),
                               Not(HasSubstr("hunter2"))));
  EXPECT_EQ(kind_of_failure(), error_kind::configuration);
}

TEST_F(credential_program, may_print_nonsense) {
  run("echo hunter2");
  EXPECT_THAT(fetched(),
              AllOf(HasSubstr("what it printed makes no sense"), Not(HasSubstr("hunter2"))));
}

TEST_F(credential_program, is_killed_when_it_prints_without_end) {
  run(writes_pid() + "exec yes");
  EXPECT_THAT(fetched(), HasSubstr("it printed more than 64 KiB"));
  EXPECT_TRUE(has_ended());
}

TEST_F(credential_program, may_complain_without_end) {
  run("yes 2>/dev/null | head -c 1000000 >&2\n" + prints_keys);
  EXPECT_EQ(fetched(), "AKIA1");
}

TEST_F(credential_program, is_killed_with_its_children_when_it_takes_too_long) {
  within_.process = milliseconds{300};
  run("sh -c 'echo $$ >" + path("pid") + "; sleep 60' & wait");
  const auto begun = steady_clock::now();
  EXPECT_THAT(fetched(), HasSubstr("it took too long"));
  EXPECT_LT(steady_clock::now() - begun, std::chrono::seconds{10});
  EXPECT_TRUE(has_ended());
}

TEST_F(credential_program, is_not_waited_for_by_what_it_leaves_behind) {
  run(writes_pid() + "(sleep 20) &\n" + prints_keys);
  const auto begun = steady_clock::now();
  EXPECT_EQ(fetched(), "AKIA1");
  EXPECT_LT(steady_clock::now() - begun, std::chrono::seconds{10});
}

TEST_F(credential_program, is_killed_when_nobody_wants_it_any_more) {
  run(writes_pid() + "exec sleep 60");
  const auto from = provider_chain(settings_, within_);
  asio::cancellation_signal stop;
  std::optional<result<fetched_credentials>> got;
  asio::co_spawn(loop_, from->fetch(),
                 asio::bind_cancellation_slot(
                     stop.slot(), [&](const std::exception_ptr&, result<fetched_credentials> out) {
                       got.emplace(std::move(out));
                     }));
  while (!std::filesystem::exists(path("pid")) || std::filesystem::file_size(path("pid")) == 0) {
    loop_.run_one_for(milliseconds{10});
  }
  stop.emit(asio::cancellation_type::terminal);
  while (!got) loop_.run_one_for(milliseconds{10});
  EXPECT_TRUE(has_ended());
}

}  // namespace
}  // namespace ingestor::aws
