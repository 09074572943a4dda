#include "terminal/emergency.hpp"

#include <gtest/gtest.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

namespace ingestor::terminal {
namespace {

constexpr std::string_view sequences = "\x1b[?25h\x1b[?1049l";

/// A terminal, and what its other end sees.
class emergency : public ::testing::Test {
 protected:
  void SetUp() override {
    ours_ = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK);
    ASSERT_EQ(grantpt(ours_), 0);
    ASSERT_EQ(unlockpt(ours_), 0);
    theirs_ = open(ptsname(ours_), O_RDWR | O_NOCTTY);
    ASSERT_EQ(tcgetattr(theirs_, &modes_), 0);
  }
  void TearDown() override {
    close(theirs_);
    close(ours_);
  }

  void take() const {
    auto raw = modes_;
    cfmakeraw(&raw);
    EXPECT_EQ(tcsetattr(theirs_, TCSANOW, &raw), 0);
    arm_emergency(theirs_, modes_, sequences);
  }

  tcflag_t local_modes() const {
    termios now{};
    EXPECT_EQ(tcgetattr(theirs_, &now), 0);
    return now.c_lflag;
  }

  std::string written() const {
    std::array<char, 256> bytes{};
    const auto count = read(ours_, bytes.data(), bytes.size());
    return count <= 0 ? "" : std::string{bytes.data(), static_cast<std::size_t>(count)};
  }

  int ours_ = -1;
  int theirs_ = -1;
  termios modes_{};
};

TEST_F(emergency, gives_the_terminal_back_once) {
  take();
  EXPECT_NE(local_modes(), modes_.c_lflag);
  restore_in_emergency();
  EXPECT_EQ(local_modes(), modes_.c_lflag);
  EXPECT_EQ(written(), sequences);
  restore_in_emergency();
  EXPECT_EQ(written(), "");
}

TEST_F(emergency, does_nothing_when_it_has_been_given_back) {
  take();
  disarm_emergency();
  restore_in_emergency();
  EXPECT_EQ(written(), "");
}

TEST_F(emergency, comes_before_a_crash) {
  const auto child = fork();
  if (child == 0) {
    take();
    std::abort();
  }
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(WTERMSIG(status), SIGABRT);
  EXPECT_EQ(local_modes(), modes_.c_lflag);
  EXPECT_EQ(written(), sequences);
}

}  // namespace
}  // namespace ingestor::terminal
