#include "aws/proto/credential_plan.hpp"

#include "aws/proto/shell_words.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace ingestor::aws {
namespace {

constexpr std::string_view default_profile = "default";
/// Each is a request to STS.
constexpr std::size_t roles_max = 16;

/// A type of its own, so that it is never taken for a source.
struct failure {
  std::string text;
};

bool is_control(char c) {
  return static_cast<unsigned char>(c) < ' ' || c == '\x7f';
}

/// Its beginning, on one line: a key in a line that is indented by mistake belongs to the value
/// before it.
std::string quoted(std::string_view text) {
  constexpr std::size_t bytes_max = 100;
  const auto* const end = std::find_if(text.begin(), text.end(), is_control);
  const auto shown = std::min<std::size_t>(static_cast<std::size_t>(end - text.begin()), bytes_max);
  return '"' + std::string{text.substr(0, shown)} + '"';
}

bool is_key(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t value = 0;
  const auto* const last = text.data() + text.size();
  const auto [end, failed] = std::from_chars(text.data(), last, value);
  if (text.empty() || failed != std::errc{} || end != last) return std::nullopt;
  return value;
}

class planner {
 public:
  planner(const credentials_settings& settings, const profile_file& credentials_file,
          const profile_file& config_file, const profiles& known)
      : settings_{settings},
        credentials_file_{credentials_file},
        config_file_{config_file},
        known_{known} {}

  ingestor::result<credential_plan, std::string> run();

 private:
  struct found_source {
    decltype(credential_plan::first) first;
    std::string origin;
  };
  /// Nothing: this place has none, and the next one is asked.
  using finding = ingestor::result<std::optional<found_source>, failure>;
  static constexpr std::nullopt_t nothing = std::nullopt;

  bool take(finding found);
  void take_from_host();
  finding of_environment();
  finding of_role(const std::string& name);
  finding of_profile(const std::string& name, bool with_environment);
  finding web_identity(const std::string& name, const profile& about, bool with_environment);
  finding keys_in(const profile_file& file, const std::string& name, const profile& about);
  finding process(const std::string& name, const profile& about);
  finding role_source(const std::string& name, const profile& about);
  finding named_source(const std::string& name, const std::string& source);
  finding source_profile(const std::string& name, const std::string& source);
  std::string unusable_role(const std::string& name, const profile& about) const;
  void add_role(const profile& about);

  finding container() const;
  found_source metadata() const;
  std::string profile_remark(const std::string& name) const;
  std::string both_files() const { return credentials_file_.path + " and " + config_file_.path; }
  const profile& merged(const std::string& name) const;

  const credentials_settings& settings_;
  const profile_file& credentials_file_;
  const profile_file& config_file_;
  const profiles& known_;
  std::vector<std::string> visited_;
  credential_plan plan_;
  std::string failed_;
};

bool assumes_role(const profile& about) {
  return about.has("role_arn") && !about.has("web_identity_token_file");
}

bool has_keys(const profile& about) {
  return about.has("aws_access_key_id") || about.has("aws_secret_access_key");
}

const profile& planner::merged(const std::string& name) const {
  static const profile empty;
  const auto* const found = known_.find(name);
  return found == nullptr ? empty : found->merged;
}

/// True when the search is over: found, or failed.
bool planner::take(finding found) {
  if (!found) {
    failed_ = found.error().text;
    return true;
  }
  if (!*found) return false;
  plan_.first = std::move((*found)->first);
  plan_.origin = std::move((*found)->origin);
  return true;
}

ingestor::result<credential_plan, std::string> planner::run() {
  const bool named = !settings_.profile.empty();
  const auto name = named ? settings_.profile : std::string{default_profile};
  if (named && known_.find(name) == nullptr) {
    return "there is no profile " + quoted(name) + " (AWS_PROFILE): " + profile_remark(name) +
           "; correct AWS_PROFILE, or write the profile";
  }
  visited_.push_back(name);
  const bool searched =
      take(of_environment()) || take(of_role(name)) || take(of_profile(name, true));
  if (!failed_.empty()) return std::move(failed_);
  if (!searched) take_from_host();
  // They were found from the last to the first.
  std::reverse(plan_.roles.begin(), plan_.roles.end());
  if (!plan_.roles.empty()) plan_.origin = plan_.roles.back().role_arn + " by " + plan_.origin;
  return std::move(plan_);
}

/// What the machine or the container has, whoever runs on it.
void planner::take_from_host() {
  if (take(container())) return;
  plan_.passed_over.emplace_back(
      "container: AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and _FULL_URI are not set");
  take(metadata());
  if (settings_.metadata_disabled) {
    plan_.passed_over.emplace_back("instance metadata: AWS_EC2_METADATA_DISABLED is true");
  }
}

planner::finding planner::of_environment() {
  if (settings_.keys.access_key_id.empty()) {
    plan_.passed_over.emplace_back("environment: AWS_ACCESS_KEY_ID is not set");
    return nothing;
  }
  return found_source{found_source{keys_source{settings_.keys, true}, "AWS_ACCESS_KEY_ID"}};
}

planner::finding planner::of_role(const std::string& name) {
  const auto& about = merged(name);
  if (!assumes_role(about)) return nothing;
  return role_source(name, about);
}

/// The places that belong to one profile, in their order.
planner::finding planner::of_profile(const std::string& name, bool with_environment) {
  const auto& about = merged(name);
  auto found = web_identity(name, about, with_environment);
  if (!found || *found) return found;
  if (about.has("sso_account_id") || about.has("sso_role_name")) {
    return failure{
        "profile " + quoted(name) +
        " signs in by IAM Identity Center (sso_…), which a service cannot; give it a role, keys, "
        "or credential_process = aws configure export-credentials --profile " +
        quoted(name)};
  }
  const auto* const named = known_.find(name);
  if (named != nullptr) {
    found = keys_in(credentials_file_, name, named->credentials);
    if (!found || *found) return found;
    found = process(name, about);
    if (!found || *found) return found;
    found = keys_in(config_file_, name, named->config);
    if (!found || *found) return found;
  }
  if (with_environment) plan_.passed_over.push_back("profile: " + profile_remark(name));
  return nothing;
}

planner::finding planner::web_identity(const std::string& name, const profile& about,
                                       bool with_environment) {
  const auto value = [&](const std::string& of_environment, std::string_view entry) {
    return with_environment && !of_environment.empty() ? of_environment : about.get(entry);
  };
  web_identity_source out;
  out.token_file = value(settings_.web_identity_token_file, "web_identity_token_file");
  if (out.token_file.empty()) {
    if (with_environment) {
      plan_.passed_over.emplace_back("web identity: AWS_WEB_IDENTITY_TOKEN_FILE is not set");
    }
    return nothing;
  }
  out.role_arn = value(settings_.role_arn, "role_arn");
  if (out.role_arn.empty()) {
    return failure{"there is a web identity token (" + quoted(out.token_file) +
                   ") but no role for it; set AWS_ROLE_ARN, or role_arn in profile " +
                   quoted(name)};
  }
  if (!is_key(out.role_arn) || std::ranges::any_of(out.token_file, is_control)) {
    return failure{"profile " + quoted(name) +
                   " has a role_arn or web_identity_token_file of several lines; correct them"};
  }
  out.session_name = value(settings_.role_session_name, "role_session_name");
  if (out.session_name.empty()) out.session_name = settings_.default_session_name;
  auto origin = out.role_arn + " by the web identity token in " + out.token_file;
  return found_source{std::move(out), std::move(origin)};
}

planner::finding planner::keys_in(const profile_file& file, const std::string& name,
                                  const profile& about) {
  if (!about.has("aws_access_key_id")) return nothing;
  const auto where = "profile " + quoted(name) + " in " + file.path;
  credentials keys{};
  keys.access_key_id = about.get("aws_access_key_id");
  keys.secret_access_key = secret{about.get("aws_secret_access_key")};
  // The older name of the two comes first, as in the AWS CLI.
  const bool old_name = about.has("aws_security_token");
  keys.session_token = secret{about.get(old_name ? "aws_security_token" : "aws_session_token")};
  if (!is_key(keys.access_key_id)) {
    return failure{where + ": aws_access_key_id is empty, or has characters that no key has"};
  }
  if (!is_key(keys.secret_access_key.reveal())) {
    return failure{where + ": aws_secret_access_key is missing, or has characters that no key has"};
  }
  if (!keys.session_token.empty() && !is_key(keys.session_token.reveal())) {
    return failure{where + ": aws_session_token has characters that no token has"};
  }
  return found_source{keys_source{std::move(keys), false}, where};
}

planner::finding planner::process(const std::string& name, const profile& about) {
  if (!about.has("credential_process")) return nothing;
  auto words = shell_words(about.get("credential_process"));
  const auto what = "credential_process of profile " + quoted(name);
  if (!words || words->empty() || words->front().empty()) {
    return failure{what + " is empty, or leaves a quotation open"};
  }
  return found_source{process_source{std::move(*words)}, what};
}

std::string planner::unusable_role(const std::string& name, const profile& about) const {
  const auto where = "profile " + quoted(name);
  const bool by_profile = about.has("source_profile");
  const bool by_name = about.has("credential_source");
  if (by_profile && by_name) {
    return where + " has both source_profile and credential_source; keep one of them";
  }
  if (!by_profile && !by_name) {
    return where + " has a role_arn and nothing to assume it with; add source_profile or " +
           "credential_source";
  }
  if (about.has("mfa_serial")) {
    return where + " wants an MFA code (mfa_serial), which a service cannot be asked for; use a " +
           "role without one";
  }
  if (!is_key(about.get("role_arn"))) {
    return where + " has a role_arn that is empty, or has blanks in it";
  }
  if (plan_.roles.size() == roles_max) {
    return "more than " + std::to_string(roles_max) + " roles are to be assumed in turn";
  }
  return {};
}

void planner::add_role(const profile& about) {
  role_step step;
  step.role_arn = about.get("role_arn");
  step.session_name = about.get("role_session_name");
  if (step.session_name.empty()) step.session_name = settings_.default_session_name;
  step.external_id = about.get("external_id");
  // What is not a number is not sent, as by the AWS CLI.
  step.duration_seconds = whole_number(about.get("duration_seconds"));
  plan_.roles.push_back(std::move(step));
}

/// The first credentials of a profile that assumes a role; the role is added to the plan.
planner::finding planner::role_source(const std::string& name, const profile& about) {
  if (auto wrong = unusable_role(name, about); !wrong.empty()) return failure{std::move(wrong)};
  add_role(about);
  if (about.has("credential_source")) return named_source(name, about.get("credential_source"));
  return source_profile(name, about.get("source_profile"));
}

planner::finding planner::named_source(const std::string& name, const std::string& source) {
  const auto missing = [&](std::string_view what) {
    return failure{"profile " + quoted(name) + " has credential_source = " + quoted(source) +
                   ", but " + std::string{what}};
  };
  if (source == "Environment") {
    auto found = of_environment();
    if (found && !*found) return missing("AWS_ACCESS_KEY_ID is not set");
    return found;
  }
  if (source == "EcsContainer") {
    auto found = container();
    if (!*found) return missing("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and _FULL_URI are not set");
    return found;
  }
  if (source == "Ec2InstanceMetadata") {
    if (settings_.metadata_disabled) return missing("AWS_EC2_METADATA_DISABLED is true");
    return metadata();
  }
  return failure{"profile " + quoted(name) + " has credential_source = " + quoted(source) +
                 "; use Environment, Ec2InstanceMetadata or EcsContainer"};
}

planner::finding planner::source_profile(const std::string& name, const std::string& source) {
  if (known_.find(source) == nullptr) {
    return failure{"profile " + quoted(name) + " has source_profile = " + quoted(source) +
                   ", and there is no such profile in " + both_files()};
  }
  const auto& about = merged(source);
  // A profile may be its own source when it has keys beside its role.
  const bool visited = std::ranges::find(visited_, source) != visited_.end();
  if (visited && (source != name || !has_keys(about))) {
    return failure{"the source_profile of profile " + quoted(name) + " leads back to profile " +
                   quoted(source) + "; one of them must have credentials of its own"};
  }
  visited_.push_back(source);
  if (!has_keys(about) && assumes_role(about)) return role_source(source, about);
  auto found = of_profile(source, false);
  if (found && !*found) {
    return failure{"profile " + quoted(source) + ", the source_profile of " + quoted(name) +
                   ", has no credentials"};
  }
  return found;
}

planner::finding planner::container() const {
  const bool relative = !settings_.container_relative_uri.empty();
  if (!relative && settings_.container_full_uri.empty()) return nothing;
  return found_source{container_source{}, relative ? "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"
                                                   : "AWS_CONTAINER_CREDENTIALS_FULL_URI"};
}

planner::found_source planner::metadata() const {
  if (settings_.metadata_disabled) return {no_source{}, {}};
  return {metadata_source{}, "instance metadata"};
}

/// What the two files say about a profile that gives nothing.
std::string planner::profile_remark(const std::string& name) const {
  std::string out;
  const auto* const named = known_.find(name);
  const std::array files{std::pair{&credentials_file_, named ? &named->credentials : nullptr},
                         std::pair{&config_file_, named ? &named->config : nullptr}};
  for (const auto& [file, own] : files) {
    if (!out.empty()) out += ", ";
    out += file->path + ' ';
    if (!file->text) {
      out += file->problem;
    } else if (named == nullptr) {
      out += "has no profile " + quoted(name);
    } else if (own->has("aws_secret_access_key")) {
      out += "has aws_secret_access_key in profile " + quoted(name) + ", but no aws_access_key_id";
    } else {
      out += "has no credentials in profile " + quoted(name);
    }
  }
  return out;
}

}  // namespace

ingestor::result<credential_plan, std::string> plan_credentials(
    const credentials_settings& settings, const profile_file& credentials_file,
    const profile_file& config_file) {
  auto known = profiles::parse(credentials_file, config_file);
  if (!known) return known.error() + "; correct the file";
  return planner{settings, credentials_file, config_file, *known}.run();
}

}  // namespace ingestor::aws
