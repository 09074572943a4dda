# shellcheck shell=bash
# The MinIO server, built from its published source into the cache, once for each pinned version.

: "${cache:?root.sh comes first}"

readonly minio_version=v0.0.0-20260212201848-7aac2a2c5b7c # the last of its releases

go_is_new_enough() {
  command -v go >/dev/null || return 1
  local version
  version=$(go env GOVERSION) # go1.24.3
  printf '1.24\n%s\n' "${version#go}" | sort -C -V
}

# GOFLAGS: the module cache would otherwise be read-only, and so impossible to delete with rm.
build_minio() {
  (
    flock 9 &&
      { [ ! -x "$1/minio" ] || exit 0; } &&
      GOFLAGS=-modcacherw GOBIN="$1/made" go install "github.com/minio/minio@$minio_version" &&
      mv "$1/made/minio" "$1/minio"
  ) 9>"$1/lock"
}

# ensure_minio: sets `minio` to the server's binary.
ensure_minio() {
  local home="$cache/minio-$minio_version"
  minio="$home/minio"
  [ ! -x "$minio" ] || return 0
  if ! go_is_new_enough; then
    echo "MinIO is built with Go 1.24 or later, which is not on PATH here." >&2
    exit 77
  fi
  mkdir -p "$home"
  step "building MinIO with $(go env GOVERSION) into $home (some minutes, once)" \
    "The Go module proxy must be reachable, and 2 GB of disk free." \
    build_minio "$home"
}
