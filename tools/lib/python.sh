# shellcheck shell=bash
# The Python environments of tests and throwaway servers, in the cache, one for each content of the
# file of their pins: tests/requirements.txt has LocalStack, boto3 and pytest; moto's server cannot
# live in one environment with LocalStack and has tests/requirements-moto.txt.

: "${root:?root.sh comes first}" "${cache:?}"

# LocalStack's pins are for Debian 12's Python; another version that is first on PATH is passed over.
python_3_11() {
  local candidate
  for candidate in /usr/bin/python3 python3.11 python3; do
    if "$candidate" -c 'import sys, ensurepip; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null; then
      command -v "$candidate"
      return
    fi
  done
  return 1
}

# python_home NAME PINS
python_home() {
  local pins
  pins=$(cat "$2.txt" "$2.lock" | sha256sum)
  printf '%s/%s-3.11-%s\n' "$cache" "$1" "${pins:0:12}"
}

# A half-made environment has no marker and is made again. The lock is for callers at the same time.
# make_python HOME INTERPRETER PINS
make_python() {
  local home="$1" interpreter="$2" pins="$3"
  (
    flock 9 &&
      { [ ! -e "$home/complete" ] || exit 0; } &&
      rm -rf "$home" &&
      "$interpreter" -m venv "$home" &&
      "$home/bin/python" -m pip install --no-input --prefer-binary --disable-pip-version-check \
        -r "$pins.txt" -c "$pins.lock" &&
      touch "$home/complete"
  ) 9>"$home.lock"
}

# ensure_environment NAME PINS WHAT: sets `python` to the environment's interpreter.
ensure_environment() {
  local home interpreter
  home=$(python_home "$1" "$2")
  if [ ! -e "$home/complete" ]; then
    interpreter=$(python_3_11) ||
      fail "no Python 3.11 with venv here" "On Debian 12: apt-get install python3 python3-venv"
    step "making the Python environment ($3) in $home" \
      "PyPI must be reachable and 600 MB of disk free; then call this again." \
      make_python "$home" "$interpreter" "$2"
  fi
  # shellcheck disable=SC2034  # read by the scripts that source this file
  python="$home/bin/python"
}

ensure_python() { ensure_environment python "$root/tests/requirements" "LocalStack, pytest"; }

ensure_moto() { ensure_environment moto "$root/tests/requirements-moto" "moto's server"; }
