// The commands. Each returns the process's exit code and has said on stderr why, if it is not 0.
#pragma once

#include "app/command_line.hpp"

namespace ingestor::app {

int execute(const run_command& options);
int execute(const once_command& options);
int execute(const migrate_command& options);
int execute(const status_command& options);
int execute(const top_command& options);
int execute(const retry_command& options);
int execute(const inspect_command& options);
int execute(const check_command& options);
int execute(const config_command& options);
int execute(const nothing_to_run& end);

}  // namespace ingestor::app
