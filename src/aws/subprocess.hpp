// Runs another program and takes what it prints. Does not block the loop.
#pragma once

#include "aws/error.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <string>
#include <vector>

namespace ingestor::aws {

struct process_output {
  /// As waitpid(2) gives it.
  int status = 0;
  std::string out;
  /// The beginning of what it complained.
  std::string err;
};

/// `words` are the program, looked up in PATH, and its arguments; no shell sees them. It has this
/// process's environment, nothing on its stdin, and a process group of its own, which is killed
/// when the time is over, when it prints more than 64 KiB, and on cancellation. What it leaves
/// running behind it may keep its output open; that is not waited for.
boost::asio::awaitable<result<process_output>> run_process(std::vector<std::string> words,
                                                           std::chrono::milliseconds timeout);

}  // namespace ingestor::aws
