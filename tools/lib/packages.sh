# shellcheck shell=bash
# Debian packages: which ones each job needs, and how they get installed when they are missing.

# shellcheck disable=SC2034  # read by the scripts that source this file
packages_to_build=(
  g++ meson ninja-build ccache pkg-config ca-certificates
  libboost1.81-dev libssl-dev tao-json-dev libdeflate-dev libisal-dev libzstd-dev libspdlog-dev
  libidn-dev libpugixml-dev libcli11-dev prometheus-cpp-dev libgtest-dev libgmock-dev
)
# shellcheck disable=SC2034
packages_to_serve=(postgresql-15 python3 python3-venv openssl)
# shellcheck disable=SC2034
packages_to_pool=(pgbouncer)
# shellcheck disable=SC2034
packages_to_bend_clocks=(faketime)
# shellcheck disable=SC2034
packages_to_scrape=(prometheus)
# shellcheck disable=SC2034
packages_to_draw_terminals=(tmux)
# shellcheck disable=SC2034
packages_to_check_style=(clang-format-16 shellcheck)
# shellcheck disable=SC2034
packages_to_lint=("${packages_to_check_style[@]}" clang-tidy-16)
# shellcheck disable=SC2034
packages_to_fuzz=(clang-16 libclang-rt-16-dev llvm-16)

# Debian's server package creates and starts a cluster of its own. This project starts its servers
# itself, so while it installs the package that default is off; an existing cluster is not touched.
readonly no_main_cluster=/etc/postgresql-common/createcluster.d/00-ingestor-installs.conf
# Likewise PgBouncer's package and Prometheus' start services of their own, unless a policy says no. A
# machine that has a policy already keeps it.
readonly start_policy=/usr/sbin/policy-rc.d

missing_packages() {
  local installed package
  # shellcheck disable=SC2016  # the format is dpkg's
  installed=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' "$@" 2>/dev/null || true)
  for package in "$@"; do
    grep -qx -F "$package installed" <<<"$installed" || printf '%s\n' "$package"
  done
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -- "$@"; fi
}

may_become_root() {
  [ "$(id -u)" -eq 0 ] && return
  command -v sudo >/dev/null || return
  sudo -n true 2>/dev/null || { [ -t 0 ] && sudo -v; }
}

install_packages() {
  # shellcheck disable=SC2016  # expanded by that shell
  as_root sh -c '
    set -eu
    conf=$1 policy=$2
    shift 2
    trap "rm -f \"$conf\"" EXIT
    mkdir -p "$(dirname "$conf")"
    echo "create_main_cluster = false" > "$conf"
    if [ ! -e "$policy" ]; then
      trap "rm -f \"$conf\" \"$policy\"" EXIT
      printf "%s\n" "#!/bin/sh" "case \" \$* \" in *\" pgbouncer\"* | *\" prometheus\"*) exit 101 ;; esac" > "$policy"
      chmod 755 "$policy"
    fi
    export DEBIAN_FRONTEND=noninteractive
    apt-get -o DPkg::Lock::Timeout=300 update || echo "going on with the package lists that are there"
    apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends "$@"
  ' install "$no_main_cluster" "$start_policy" "$@"
}

# ensure_packages NAME…: installs those that are missing; nothing is asked of the network otherwise.
ensure_packages() {
  local missing
  [ -z "${INGESTOR_SKIP_PACKAGES:-}" ] || return 0
  if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    fail "this is not a Debian system, so packages cannot be installed here" \
      "Install what corresponds to: $*
and call this again with INGESTOR_SKIP_PACKAGES=1."
  fi
  mapfile -t missing < <(missing_packages "$@")
  [ "${#missing[@]}" -gt 0 ] || return 0
  may_become_root ||
    fail "Debian packages are missing, and this user can neither become root nor use sudo" \
      "As root: apt-get install --no-install-recommends ${missing[*]}"
  step "installing Debian packages: ${missing[*]}" \
    "By hand: apt-get update && apt-get install --no-install-recommends ${missing[*]}
(the names are Debian 12's; on another release install what corresponds and set INGESTOR_SKIP_PACKAGES=1)" \
    install_packages "${missing[@]}"
}
