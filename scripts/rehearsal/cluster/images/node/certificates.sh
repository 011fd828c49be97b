#!/bin/bash
# The cluster's own authority and what it signs, where k3s would have them. Sourced by entrypoint.sh.

sign() { # name, subject, authority, subject alternative names
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$1.key" -out "$1.csr" -subj "$2" 2>/dev/null
  openssl x509 -req -in "$1.csr" -CA "$3.crt" -CAkey "$3.key" -CAcreateserial -days 3650 -out "$1.crt" \
    -extfile <(printf 'subjectAltName=%s\nextendedKeyUsage=clientAuth,serverAuth\n' "${4:-DNS:$1}") 2>/dev/null
  rm "$1.csr"
}

authority() { # name
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$1.key" -out "$1.crt" -days 3650 \
    -subj "/CN=$1" -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign 2>/dev/null
}

make_certificates() { # the node's address
  mkdir -p "$TLS"
  cd "$TLS" || return 1
  authority ca
  authority front-proxy-ca
  local names="DNS:localhost,DNS:node-1,DNS:host.docker.internal,DNS:kubernetes,DNS:kubernetes.default"
  names+=",DNS:kubernetes.default.svc,DNS:kubernetes.default.svc.cluster.local,DNS:metrics-server.kube-system.svc"
  sign server /CN=kube-apiserver ca "$names,IP:127.0.0.1,IP:10.43.0.1,IP:$1,IP:$(ip route | awk '/^default/ {print $3}')"
  sign admin /O=system:masters/CN=admin ca
  sign front-proxy-client /CN=front-proxy-client front-proxy-ca
  openssl genrsa -out service-accounts.key 2048 2>/dev/null
  openssl rsa -in service-accounts.key -pubout -out service-accounts.pub 2>/dev/null
  # The file whose appearance says that all is there.
  cp ca.crt server-ca.crt
  cd - >/dev/null || return 1
}
