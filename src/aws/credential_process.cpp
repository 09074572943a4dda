#include "aws/credential_process.hpp"

#include "aws/proto/credentials_json.hpp"
#include "aws/subprocess.hpp"
#include "base/secret.hpp"

#include <algorithm>
#include <sys/wait.h>
#include <utility>

namespace ingestor::aws {
namespace {

std::string first_line(std::string_view text) {
  auto line = without_secrets(text.substr(0, text.find('\n')));
  std::replace_if(
      line.begin(), line.end(),
      [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; }, ' ');
  return line;
}

std::string ending_of(const process_output& done) {
  auto out = WIFEXITED(done.status) ? "exit " + std::to_string(WEXITSTATUS(done.status))
                                    : "signal " + std::to_string(WTERMSIG(done.status));
  const auto words = first_line(done.err);
  return words.empty() ? out : out + ": " + words;
}

}  // namespace

boost::asio::awaitable<result<expiring_credentials>> run_credential_process(limits within,
                                                                            process_source source) {
  // The arguments may be secrets; the program's name says which one it is.
  const auto what = "credential_process (" + source.words.front() + ")";
  const auto done = co_await run_process(std::move(source.words), within.process);
  if (!done) co_return error{done.error().kind, what + ": " + done.error().message};
  const bool good = WIFEXITED(done->status) && WEXITSTATUS(done->status) == 0;
  if (!good) co_return error{error_kind::refused, what + " failed with " + ending_of(*done)};
  auto given = parse_credentials_json(done->out, json_dialect::process);
  if (!given) {
    co_return error{error_kind::refused,
                    what + ": what it printed makes no sense: " + given.error()};
  }
  co_return std::move(*given);
}

}  // namespace ingestor::aws
