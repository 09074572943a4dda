# shellcheck shell=bash
# A certificate authority of one's own and a certificate for 127.0.0.1 and localhost from it.

# make_certificates DIR: DIR/ca.crt, DIR/server.crt, DIR/server.key; kept when they are there.
make_certificates() {
  local dir="$1"
  [ ! -e "$dir/server.crt" ] || return 0
  mkdir -p "$dir"
  (
    cd "$dir"
    umask 077
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 \
      -subj "/CN=throwaway test authority" -keyout ca.key -out ca.crt \
      -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
      -subj "/CN=localhost" -keyout server.key -out server.csr
    openssl x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 3650 -out made.crt \
      -extfile <(printf 'subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth\n')
    mv made.crt server.crt
    chmod 644 ca.crt server.crt
  ) >"$dir/log" 2>&1 || {
    cat "$dir/log" >&2
    fail "openssl could not make certificates in $dir" "Its message is above."
  }
}
