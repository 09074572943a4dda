# shellcheck shell=bash
# The Python environment of tests and throwaway servers: LocalStack, boto3, pytest, as pinned in
# tests/requirements.txt, in the cache, one for each content of that file.

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

python_home() {
  local pins
  pins=$(cat "$root/tests/requirements.txt" "$root/tests/requirements.lock" | sha256sum)
  printf '%s/python-3.11-%s\n' "$cache" "${pins:0:12}"
}

# A half-made environment has no marker and is made again. The lock is for callers at the same time.
make_python() {
  local home="$1" interpreter="$2"
  (
    flock 9 &&
      { [ ! -e "$home/complete" ] || exit 0; } &&
      rm -rf "$home" &&
      "$interpreter" -m venv "$home" &&
      "$home/bin/python" -m pip install --no-input --prefer-binary --disable-pip-version-check \
        -r "$root/tests/requirements.txt" -c "$root/tests/requirements.lock" &&
      touch "$home/complete"
  ) 9>"$home.lock"
}

# ensure_python: sets `python` to the environment's interpreter.
ensure_python() {
  local home interpreter
  home=$(python_home)
  if [ ! -e "$home/complete" ]; then
    interpreter=$(python_3_11) ||
      fail "no Python 3.11 with venv here" "On Debian 12: apt-get install python3 python3-venv"
    step "making the Python environment (LocalStack, pytest) in $home" \
      "PyPI must be reachable and 600 MB of disk free; then call this again." \
      make_python "$home" "$interpreter"
  fi
  # shellcheck disable=SC2034  # read by the scripts that source this file
  python="$home/bin/python"
}
