# shellcheck shell=bash
# Where things are: the checkout, and the cache that a second fresh clone shares.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
readonly root

# What is downloaded or built from downloads (the Python environment, MinIO) is kept per user, so
# that a second clone is quick; where there is no home to write to, inside the checkout.
cache="${XDG_CACHE_HOME:-${HOME:-/nonexistent}/.cache}/ingestor"
mkdir -p "$cache" 2>/dev/null && [ -w "$cache" ] || cache="$root/.cache/shared"
mkdir -p "$cache"
readonly cache
