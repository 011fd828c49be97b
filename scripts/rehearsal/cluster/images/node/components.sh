#!/bin/bash
# The settings of Kubernetes' parts and of what they need, and how each is started. Sourced by entrypoint.sh.

start() { # name, command...: starts again whatever ends, as a service manager would
  local name=$1
  shift
  while :; do
    "$@" >>"/var/log/slipway/$name.log" 2>&1 || true
    echo "$name ended; it is started again" >>"/var/log/slipway/$name.log"
    sleep 1
  done &
}

write_settings() { # the node's address
  cat >"$KUBECONFIG" <<EOT
apiVersion: v1
kind: Config
clusters: [{ name: own, cluster: { server: "https://127.0.0.1:6443", certificate-authority: $TLS/ca.crt } }]
users: [{ name: admin, user: { client-certificate: $TLS/admin.crt, client-key: $TLS/admin.key } }]
contexts: [{ name: own, context: { cluster: own, user: admin } }]
current-context: own
EOT
  mkdir -p /root/.kube
  cp "$KUBECONFIG" /root/.kube/config
  cat >/etc/containerd/config.toml <<EOT
version = 2
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "slipway/pause:1"
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".registry]
    config_path = "/etc/containerd/certs.d"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "/etc/cni/net.d"
EOT
  mirror_registry
  cat >/etc/cni/net.d/10-bridge.conflist <<'EOT'
{ "cniVersion": "1.0.0", "name": "pods", "plugins": [
  { "type": "bridge", "bridge": "cni0", "isGateway": true, "ipMasq": true, "hairpinMode": true,
    "ipam": { "type": "host-local", "ranges": [[{ "subnet": "10.42.0.0/24" }]], "routes": [{ "dst": "0.0.0.0/0" }] } },
  { "type": "portmap", "capabilities": { "portMappings": true } } ] }
EOT
  # From 1.35 on a kubelet refuses to start where cgroups are of the first version, unless it is told not to.
  cat >/etc/slipway/kubelet.yaml <<EOT
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
cgroupDriver: cgroupfs
failCgroupV1: false
failSwapOn: false
oomScoreAdj: 0
containerRuntimeEndpoint: unix:///run/containerd/containerd.sock
imageGCHighThresholdPercent: 100
imageGCLowThresholdPercent: 99
evictionHard: { nodefs.available: "1%", imagefs.available: "1%", memory.available: "50Mi" }
syncFrequency: 10s
clusterDNS: [169.254.20.10]
clusterDomain: cluster.local
authentication: { anonymous: { enabled: false }, webhook: { enabled: true }, x509: { clientCAFile: $TLS/ca.crt } }
authorization: { mode: Webhook }
tlsCertFile: $TLS/server.crt
tlsPrivateKeyFile: $TLS/server.key
EOT
  cat >/etc/slipway/Corefile <<'EOT'
.:53 {
  bind 169.254.20.10
  errors
  cache 10
  hosts /etc/hosts {
    fallthrough
  }
  kubernetes cluster.local in-addr.arpa {
    kubeconfig /etc/slipway/kubeconfig own
  }
  forward . /etc/resolv.conf
}
EOT
  sed -i "s/NODE_ADDRESS/$1/" /etc/slipway/add-ons.yaml
}

# The emulator names the account's registry and where it is, in the form that k3s reads.
mirror_registry() {
  local host endpoint file=/etc/rancher/k3s/registries.yaml
  [[ -f $file ]] || return 0
  host=$(sed -n 's/^ *"\([^"]*\)":.*/\1/p' "$file" | head -n 1)
  endpoint=$(sed -n 's/^ *- "\(http[^"]*\)".*/\1/p' "$file" | head -n 1)
  mkdir -p "/etc/containerd/certs.d/$host"
  printf 'server = "%s"\n[host."%s"]\n  capabilities = ["pull", "resolve"]\n' "$endpoint" "$endpoint" \
    >"/etc/containerd/certs.d/$host/hosts.toml"
}

start_control_plane() { # more arguments of the API server
  start containerd containerd
  import_images &
  importing=$!
  start etcd etcd --data-dir=/var/lib/etcd --listen-client-urls=http://127.0.0.1:2379 \
    --advertise-client-urls=http://127.0.0.1:2379 --listen-peer-urls=http://127.0.0.1:2380 --unsafe-no-fsync
  start kube-apiserver kube-apiserver --etcd-servers=http://127.0.0.1:2379 --secure-port=6443 \
    --service-cluster-ip-range=10.43.0.0/16 --authorization-mode=Node,RBAC --allow-privileged=true \
    --enable-admission-plugins=NodeRestriction --enable-aggregator-routing=true \
    --client-ca-file="$TLS/ca.crt" --tls-cert-file="$TLS/server.crt" --tls-private-key-file="$TLS/server.key" \
    --service-account-issuer=https://kubernetes.default.svc --service-account-key-file="$TLS/service-accounts.pub" \
    --service-account-signing-key-file="$TLS/service-accounts.key" --kubelet-preferred-address-types=InternalIP \
    --kubelet-client-certificate="$TLS/admin.crt" --kubelet-client-key="$TLS/admin.key" \
    --requestheader-client-ca-file="$TLS/front-proxy-ca.crt" --requestheader-allowed-names=front-proxy-client \
    --requestheader-username-headers=X-Remote-User --requestheader-group-headers=X-Remote-Group \
    --requestheader-extra-headers-prefix=X-Remote-Extra- --proxy-client-cert-file="$TLS/front-proxy-client.crt" \
    --proxy-client-key-file="$TLS/front-proxy-client.key" "$@"
  until curl --silent --fail --cacert "$TLS/ca.crt" --cert "$TLS/admin.crt" --key "$TLS/admin.key" \
    --output /dev/null https://127.0.0.1:6443/readyz; do sleep 0.2; done
  start kube-controller-manager kube-controller-manager --kubeconfig="$KUBECONFIG" --root-ca-file="$TLS/ca.crt" \
    --service-account-private-key-file="$TLS/service-accounts.key" --use-service-account-credentials \
    --cluster-signing-cert-file="$TLS/ca.crt" --cluster-signing-key-file="$TLS/ca.key" --leader-elect=false \
    --cluster-cidr=10.42.0.0/16 --bind-address=127.0.0.1 --horizontal-pod-autoscaler-sync-period=5s
  start kube-scheduler kube-scheduler --kubeconfig="$KUBECONFIG" --leader-elect=false --bind-address=127.0.0.1
}

# What no registry serves here.
import_images() {
  until [[ -S /run/containerd/containerd.sock ]]; do sleep 0.1; done
  ctr --namespace k8s.io images import /opt/images.tar >>/var/log/slipway/images.log 2>&1
}

start_node() { # the node's address, its labels
  # The first pods need the images: a pull that fails is not tried again for a while.
  wait "$importing"
  start kubelet kubelet --config=/etc/slipway/kubelet.yaml --kubeconfig="$KUBECONFIG" --hostname-override=node-1 \
    --node-ip="$1" --node-labels="$2"
  ip address add 169.254.20.10/32 dev lo 2>/dev/null || true
  start coredns coredns -conf /etc/slipway/Corefile
  start kube-proxy kube-proxy --kubeconfig="$KUBECONFIG" --hostname-override=node-1 --cluster-cidr=10.42.0.0/16 \
    --proxy-mode=iptables --oom-score-adj=0 --conntrack-max-per-core=0 --conntrack-tcp-timeout-established=0 \
    --conntrack-tcp-timeout-close-wait=0
  start metrics-server metrics-server --kubeconfig="$KUBECONFIG" --authentication-kubeconfig="$KUBECONFIG" \
    --authorization-kubeconfig="$KUBECONFIG" --secure-port=4443 --metric-resolution=15s \
    --tls-cert-file="$TLS/server.crt" --tls-private-key-file="$TLS/server.key"
  kubectl apply --server-side --filename=/etc/slipway/add-ons.yaml >>/var/log/slipway/add-ons.log 2>&1
}
