#include "app/command_line.hpp"

#include "app/exit_code.hpp"
#include "app/version.hpp"

#include <CLI/CLI.hpp>

#include <sstream>
#include <string>

namespace ingestor::app {
namespace {

constexpr std::uint32_t sample_rows_max = 10'000;

constexpr const char* about =
    "Loads gzip'd JSON logs from S3 into PostgreSQL or TimescaleDB, every line exactly once.\n"
    "Configured by the environment: DATABASE_URL, AWS_S3_BUCKET and AWS_REGION are required; "
    "`ingestor config` shows all of it.";

nothing_to_run end_of_parsing(const CLI::App& app, const CLI::ParseError& why) {
  std::ostringstream out;
  std::ostringstream err;
  const int code = app.exit(why, out, err);
  nothing_to_run end{};
  end.exit_code = code == 0 ? exit_code::ok : exit_code::usage;
  end.text = code == 0 ? out.str() : err.str();
  return end;
}

}  // namespace

command parse_command_line(int argc, const char* const* argv) {
  CLI::App app{about, "ingestor"};
  app.set_version_flag("--version", std::string{"ingestor "} + version);
  app.require_subcommand(1);
  app.failure_message([](const CLI::App*, const CLI::Error& error) {
    return std::string{"ingestor: "} + error.what() + "; see `ingestor --help`\n";
  });

  auto* run = app.add_subcommand("run", "the service: discover, claim, ingest, until SIGTERM");
  auto* once =
      app.add_subcommand("once", "discover, ingest everything claimable, print a summary, exit");
  auto* migrate = app.add_subcommand("migrate", "create or upgrade the schema");
  auto* inspect = app.add_subcommand("inspect", "show what an object would become; writes nothing");
  auto* config = app.add_subcommand("config", "the effective configuration, secrets redacted");

  once_command once_options{};
  once->add_flag("--json", once_options.json, "the summary as one JSON object");
  inspect_command inspect_options{};
  inspect->add_option("uri", inspect_options.uri, "s3://bucket/key or a local path")->required();
  inspect->add_option("--rows", inspect_options.rows, "rows to show")
      ->check(CLI::Range(std::uint32_t{0}, sample_rows_max))
      ->capture_default_str();
  inspect->add_flag("--json", inspect_options.json, "everything as one JSON object");

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& why) {
    return end_of_parsing(app, why);
  }
  if (run->parsed()) return run_command{};
  if (once->parsed()) return once_options;
  if (migrate->parsed()) return migrate_command{};
  if (inspect->parsed()) return inspect_options;
  (void)config;
  return config_command{};
}

}  // namespace ingestor::app
