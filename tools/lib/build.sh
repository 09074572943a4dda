# shellcheck shell=bash
# Building with meson. Each flavour has a directory of its own, so that none rebuilds another's.

: "${root:?root.sh comes first}"

# configure DIR OPTION…: once; a directory that meson left half-configured is wiped first.
configure() {
  local dir="$1"
  shift
  [ ! -e "$dir/build.ninja" ] || return 0
  rm -rf "$dir"
  step "configuring $(basename "$dir")" \
    "The output above names what is missing. tools/build installs what Debian 12 has." \
    meson setup "$dir" "$root" "$@"
}

# compile DIR TARGET…: the targets, or all of them. NINJA_JOBS bounds the number of compilers.
compile() {
  local dir="$1"
  shift
  step "building $(basename "$dir")${*:+: $*}" \
    "The compiler's message is above." \
    ninja -C "$dir" ${NINJA_JOBS:+-j "$NINJA_JOBS"} "$@"
}
