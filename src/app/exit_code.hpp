// What the process says to whoever started it.
#pragma once

namespace ingestor::app {

namespace exit_code {
inline constexpr int ok = 0;
/// Some files failed, or what was asked for could not be read.
inline constexpr int failed = 1;
/// A wrong option or configuration.
inline constexpr int usage = 2;
/// S3 or the database cannot be reached, or refuses the login.
inline constexpr int unreachable = 3;
/// Ended by a signal before the work was done: this and the signal's number, as shells say it.
inline constexpr int signalled = 128;
}  // namespace exit_code

}  // namespace ingestor::app
