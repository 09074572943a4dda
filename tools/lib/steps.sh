# shellcheck shell=bash
# Steps: what a script is doing, one line on stderr as each step begins, with the seconds since the
# first script of the run began. A step's own output goes to the script's log; when it fails, the
# end of that output is shown together with what to do. Results belong on stdout, steps do not.

export STEPS_BEGAN="${STEPS_BEGAN:-$EPOCHSECONDS}" # inherited, so that scripts called by scripts go on counting

log_dir="${root:?root.sh comes first}/.cache/log"
mkdir -p "$log_dir"
step_log="$log_dir/$(basename "$0").log"
: >"$step_log"

say() {
  printf '[%4d s] %s\n' $((EPOCHSECONDS - STEPS_BEGAN)) "$*" >&2
}

# fail WHAT REMEDY: ends the script.
fail() {
  printf '\n%s: %s\n%s\n' "$(basename "$0")" "$1" "$2" >&2
  exit 1
}

# On a terminal, keeps the last line of the log in view while a step runs. Runs until killed, or
# until the script is gone: Ctrl-C does not reach what bash runs in the background.
show_progress() {
  local began=$EPOCHSECONDS line
  while sleep 1 && kill -0 $$ 2>/dev/null; do
    line=$(tail -n 1 "$step_log" | tr -d '\000-\037' | cut -c1-70)
    printf '\r\033[K         %d s  %s' $((EPOCHSECONDS - began)) "$line" >&2
  done
}

# likely_cause TEXT: names the usual culprits of a failed step by what its output says.
likely_cause() {
  case "$1" in
    *"No space left"*)
      echo "The disk is full: a build and its tools need about 4 GB. Free some space ($(df -h --output=avail "$root" | tail -n 1 | tr -d ' ') left here) and call this again." ;;
    *"Temporary failure resolving"* | *"Could not resolve"* | *"Failed to fetch"* | *"Connection timed out"* | *"Connection refused"* | *"Network is unreachable"* | *"NewConnectionError"* | *"No matching distribution"* | *"dial tcp"*)
      echo "The network: Debian's mirrors and PyPI must be reachable. Behind a proxy, set http_proxy and https_proxy; then call this again." ;;
    *"Permission denied"* | *"are you root"* | *"not in the sudoers"*)
      echo "Rights: run this as root or as a user who may use sudo, in a checkout that this user owns." ;;
    *"virtual memory exhausted"* | *"Killed signal terminated program"*)
      echo "The compiler ran out of memory: it needs about 1.5 GB a job. Fewer jobs: NINJA_JOBS=1 $0" ;;
    *) return 1 ;;
  esac
}

# step WHAT REMEDY COMMAND…: announces and runs one step.
step() {
  local what="$1" remedy="$2" progress='' from status=0 output
  shift 2
  say "$what"
  from=$(($(stat -c %s "$step_log") + 1))
  if [ -t 2 ]; then
    show_progress &
    progress=$!
  fi
  "$@" >>"$step_log" 2>&1 || status=$?
  if [ -n "$progress" ]; then
    kill "$progress"
    wait "$progress" 2>/dev/null || true
    printf '\r\033[K' >&2
  fi
  [ "$status" -ne 0 ] || return 0
  output=$(tail -c "+$from" "$step_log" | tail -n 40)
  printf '%s\n' "$output" >&2
  fail "\"$what\" failed (exit $status); all of its output: $step_log" \
    "$(likely_cause "$output" || echo "$remedy")"
}
