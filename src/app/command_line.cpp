#include "app/command_line.hpp"

#include "app/exit_code.hpp"
#include "app/version.hpp"
#include "config/grammar.hpp"
#include "top/model.hpp"

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

struct retry_options {
  std::string keys;
  bool all = false;
  bool reingest = false;
};

nothing_to_run end_of_parsing(const CLI::App& app, const CLI::ParseError& why) {
  std::ostringstream out;
  std::ostringstream err;
  const int code = app.exit(why, out, err);
  nothing_to_run end{};
  end.exit_code = code == 0 ? exit_code::ok : exit_code::usage;
  end.text = code == 0 ? out.str() : err.str();
  return end;
}

constexpr const char* top_about =
    "watch the whole fleet: replicas, their files, failures, rejected lines";
constexpr const char* top_footer =
    "On a terminal it is drawn anew every 2 s until q or Ctrl-C; ? tells the keys, NO_COLOR takes "
    "the colours away.\n"
    "Elsewhere (a pipe, a file, a TERM that cannot be drawn on) it is one report in plain text; "
    "with --interval, one each time.";

struct top_options {
  std::string interval;
  bool once = false;
};

constexpr config::duration interval_bounds{top::interval_min, top::interval_max};

void add_top(CLI::App& top, top_options& options) {
  top.footer(top_footer);
  auto* interval = top.add_option("--interval", options.interval,
                                  "how often it is read, such as 5s or 1m, from 1s to 1h");
  interval->type_name("DURATION")->check([](const std::string& given) {
    return interval_bounds.parse(given) ? std::string{}
                                        : given + " is not " + interval_bounds.accepted();
  });
  top.add_flag("--once", options.once, "one report in plain text, on a terminal too")
      ->excludes(interval);
}

command top_of(const top_options& options) {
  top_command out{};
  out.once = options.once;
  if (const auto given = config::parse_duration(options.interval)) {
    out.interval = std::chrono::ceil<std::chrono::seconds>(*given);
  }
  return out;
}

constexpr const char* keys_help =
    "files whose whole key matches: * is any characters (/ too), ? is one, [abc], [a-z] and [!abc] "
    "are one of a class, \\ escapes; quote it for the shell";

constexpr const char* inspect_help =
    "s3://bucket/key or a local path. One that ends in a slash, or a folder, stands for all that "
    "is "
    "below it: their totals are shown, and each object that cannot be read";

void add_retry(CLI::App& retry, retry_options& options) {
  retry.add_option("--key", options.keys, keys_help)->type_name("GLOB");
  retry.add_flag("--all", options.all, "every file of the bucket and prefix");
  retry.add_flag("--reingest", options.reingest,
                 "completed files too: they are loaded again, and their rows replaced");
}

command retry_of(const CLI::App& retry, const retry_options& options) {
  const bool by_key = retry.count("--key") != 0;
  if (by_key == options.all) {
    return nothing_to_run{exit_code::usage,
                          std::string{"ingestor: retry wants either --key GLOB or --all"} +
                              (by_key ? ", not both" : "") + "; see `ingestor retry --help`\n"};
  }
  return retry_command{options.all ? "*" : options.keys, options.reingest};
}

}  // namespace

command parse_command_line(int argc, const char* const* argv) {
  CLI::App app{about, "ingestor"};
  app.set_version_flag("--version", std::string{"ingestor "} + version);
  // Zero too, or an unknown command would be told as a missing one.
  app.require_subcommand(0, 1);
  app.failure_message([](const CLI::App*, const CLI::Error& error) {
    return std::string{"ingestor: "} + error.what() + "; see `ingestor --help`\n";
  });

  auto* run = app.add_subcommand("run", "the service: discover, claim, ingest, until SIGTERM");
  auto* once =
      app.add_subcommand("once", "discover, ingest everything claimable, print a summary, exit");
  auto* migrate = app.add_subcommand("migrate", "create or upgrade the schema");
  auto* status =
      app.add_subcommand("status", "how the files are doing, and why some of them failed");
  auto* top = app.add_subcommand("top", top_about);
  auto* retry = app.add_subcommand("retry", "queue failed files again, their attempts reset");
  auto* inspect = app.add_subcommand(
      "inspect", "show what an object, or all below a prefix, would become; writes nothing");
  auto* check = app.add_subcommand(
      "check", "try the settings, S3 and the database; tell a line for each, and what is missing");
  auto* config = app.add_subcommand("config", "the effective configuration, secrets redacted");

  once_command once_options{};
  once->add_flag("--json", once_options.json, "the summary as one JSON object");
  status_command status_options{};
  status->add_flag("--json", status_options.json, "everything as one JSON object");
  top_options topped{};
  add_top(*top, topped);
  retry_options retried{};
  add_retry(*retry, retried);
  inspect_command inspect_options{};
  inspect->add_option("uri", inspect_options.uri, inspect_help)->required();
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
  if (status->parsed()) return status_options;
  if (top->parsed()) return top_of(topped);
  if (retry->parsed()) return retry_of(*retry, retried);
  if (inspect->parsed()) return inspect_options;
  if (check->parsed()) return check_command{};
  if (config->parsed()) return config_command{};
  return nothing_to_run{exit_code::usage, "ingestor: name a command; see `ingestor --help`\n"};
}

}  // namespace ingestor::app
