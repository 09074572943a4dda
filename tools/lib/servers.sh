# shellcheck shell=bash
# Throwaway servers: started in a session of their own, on a free loopback port, with everything
# they write in one directory. DIR/pid holds "pid start-time", so that a number which the system
# has since given to another process is never signalled.

start_timeout_seconds=60
stop_timeout_seconds=30

# A port below those that the system hands out by itself (from 32768 on, on Linux): between this and
# the server's start nobody gets it by chance.
free_port() {
  /usr/bin/env python3 -c '
import random, socket
for port in random.sample(range(15000, 32768), 100) + [0]:
    with socket.socket() as one:
        try:
            one.bind(("127.0.0.1", port))
        except OSError:
            continue
        print(one.getsockname()[1])
        break
'
}

# is_listening PORT
is_listening() {
  (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# choose_port DIR: the one it had before when it is still free, so that addresses stay good.
choose_port() {
  local before
  before=$(cat "$1/port" 2>/dev/null) || before=''
  if [ -z "$before" ] || is_listening "$before"; then
    free_port >"$1/port"
  fi
  cat "$1/port"
}

# The 22nd field of /proc/PID/stat; the second may hold spaces and brackets, so count after it.
process_start_time() {
  local stat
  stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
  # shellcheck disable=SC2086  # split into fields on purpose
  set -- ${stat##*) }
  [ "$1" != Z ] && printf '%s\n' "${20}"
}

# is_running DIR
is_running() {
  local pid started
  { read -r pid started <"$1/pid"; } 2>/dev/null || return 1
  [ "$(process_start_time "$pid")" = "$started" ]
}

# start_detached DIR COMMAND…: the server outlives its caller, gets none of its descriptors (a
# caller that reads our output through a pipe must see its end), and not bash's ignored signals.
start_detached() {
  local dir="$1" pid
  shift
  (
    for fd in "/proc/$BASHPID/fd/"*; do
      fd=${fd##*/}
      [ "$fd" -le 2 ] || eval "exec $fd>&-"
    done
    exec setsid env --default-signal=INT,QUIT "$@"
  ) </dev/null >>"$dir/log" 2>&1 &
  pid=$!
  printf '%s %s\n' "$pid" "$(process_start_time "$pid" || true)" >"$dir/pid"
}

# await_server DIR NAME COMMAND…: until COMMAND succeeds. Fails when the server ends or takes too long.
await_server() {
  local dir="$1" name="$2" deadline=$((SECONDS + start_timeout_seconds)) why
  shift 2
  until "$@" >/dev/null 2>&1; do
    why=''
    is_running "$dir" || why="ended as it started"
    [ "$SECONDS" -lt "$deadline" ] || why="was not ready within $start_timeout_seconds s"
    if [ -n "$why" ]; then
      tail -n 30 "$dir/log" >&2
      stop_server "$dir" TERM
      fail "$name $why" "Its last words are above, all of them in $dir/log. If they speak of a port
in use, call this again; if of space or memory, free some."
    fi
    sleep 0.1
  done
}

# stop_server DIR SIGNAL: asks the server itself, then ends its whole process group.
stop_server() {
  local dir="$1" signal="$2" pid deadline=$((SECONDS + stop_timeout_seconds))
  if is_running "$dir"; then
    read -r pid _ <"$dir/pid"
    kill -s "$signal" "$pid"
    while is_running "$dir" && [ "$SECONDS" -lt "$deadline" ]; do sleep 0.05; done
    kill -s KILL -- "-$pid" 2>/dev/null || true
  fi
  rm -f "$dir/pid"
}

# The command line that all servers share; sets action, dir, tls, purge, immediate, database,
# listen, primary.
# shellcheck disable=SC2034  # read by the scripts that source this file
parse_server_arguments() {
  action="${1:-}" dir="${2:-}" tls='' purge='' immediate='' database='' listen='' primary=''
  shift $(($# < 2 ? $# : 2))
  while [ $# -gt 0 ]; do
    case "$action $1" in
      "start --tls") tls=1 ;;
      "start --database")
        database="${2:-}"
        shift $(($# > 1))
        ;;
      "start --listen")
        [ -n "${offers_listen:-}" ] || usage_of_server
        listen="${2:-}"
        shift $(($# > 1))
        ;;
      "start --standby-of")
        { [ -n "${offers_standby:-}" ] && [ -d "${2:-}" ]; } || usage_of_server
        primary=$(cd "$2" && pwd)
        shift $(($# > 1))
        ;;
      "restart --immediate" | "stop --immediate") immediate=1 ;;
      "stop --remove") purge=1 ;;
      *) usage_of_server ;;
    esac
    shift
  done
  [ -n "$dir" ] || usage_of_server
  case "$action" in
    start)
      [ -z "${needs_database:-}" ] || [ -n "$database" ] || usage_of_server
      mkdir -p "$dir"
      ;;
    restart) { [ -n "${offers_restart:-}" ] && [ -d "$dir" ]; } || usage_of_server ;;
    stop) [ -d "$dir" ] || exit 0 ;;
    *) usage_of_server ;;
  esac
  dir=$(cd "$dir" && pwd)
}

usage_of_server() {
  local tool
  tool=tools/dev/$(basename "$0")
  {
    echo "usage: $tool start DIR${offers_tls:+ [--tls]}${offers_listen:+ [--listen ADDRESS]}${offers_standby:+ [--standby-of DIR]}${needs_database:+ --database URL}   prints NAME=value lines once it is ready"
    [ -z "${offers_restart:-}" ] || echo "       $tool restart DIR [--immediate]   --immediate: as after a crash"
    echo "       $tool stop DIR ${offers_restart:+[--immediate] }[--remove]   --remove: with all its data"
  } >&2
  exit 2
}
