#!/bin/sh
# Makes the certificates of this folder anew; see README.md.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

make() {
  : > "$work/index" && echo 01 > "$work/serial"
  cat > "$work/$1.cnf" <<CNF
[ca]
default_ca = own
[own]
database = $work/index
serial = $work/serial
new_certs_dir = $work
default_md = sha256
policy = any
x509_extensions = ext
[any]
commonName = supplied
[ext]
subjectAltName = $2
CNF
  openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
    -keyout "$1.key" -out "$work/$1.csr" -subj "/CN=Tocsin test only $1"
  openssl ca -batch -notext -selfsign -config "$work/$1.cnf" -keyfile "$1.key" \
    -in "$work/$1.csr" -out "$1.crt" -startdate 20200101000000Z -enddate "${3:-21200101000000Z}"
}

make localhost "DNS:localhost,IP:127.0.0.1"
make other-name "DNS:other.test"
make client "DNS:client.test"
make expired "DNS:localhost,IP:127.0.0.1" 20210101000000Z
