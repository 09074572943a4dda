# shellcheck shell=bash
# PostgreSQL and PgBouncer refuse to run as root: root runs them as the user that Debian's packages
# made for them, which is not let in everywhere.

: "${dir:?parse_server_arguments comes first}"

# choose_owner: sets as_owner, what stands before their commands: nothing where this is not root.
choose_owner() {
  as_owner=()
  [ "$(id -u)" -eq 0 ] || return 0
  owner=postgres
  as_owner=(setpriv --reuid="$owner" --regid="$(id -g "$owner")" --clear-groups --)
}

# make_owned_directory NAME: DIR/NAME, the owner's alone. Where root's checkout or home hides it
# from that user it goes to /var/tmp, and DIR/NAME leads there. Prints where it is.
make_owned_directory() {
  local made="$dir/$1" elsewhere
  mkdir -m 700 "$made"
  if [ "${#as_owner[@]}" -gt 0 ]; then
    chown "$owner:" "$made"
    if ! "${as_owner[@]}" test -w "$made"; then
      elsewhere=$(mktemp -d "/var/tmp/ingestor-$1.XXXXXX")
      chown "$owner:" "$elsewhere"
      rmdir "$made"
      ln -s "$elsewhere" "$made"
      made="$elsewhere"
    fi
  fi
  printf '%s\n' "$made"
}

# write_owned FILE: stdin, in a file that the owner alone can read.
write_owned() {
  # shellcheck disable=SC2016  # expanded by that shell
  "${as_owner[@]}" sh -c 'umask 077 && cat > "$1"' write "$1"
}
