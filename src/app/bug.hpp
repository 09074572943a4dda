// The end of a process that has met a bug of its own.
#pragma once

#include <exception>

namespace ingestor::app {

/// One line on stderr, then exit code 70 (EX_SOFTWARE of sysexits.h), without destructors: nobody
/// knows what they would find.
[[noreturn]] void end_by_bug(const std::exception& error);

}  // namespace ingestor::app
