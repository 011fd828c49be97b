#!/bin/bash
# Starts a cluster of one node. Called as k3s is, `server --option=value ...`: of its options, those that pass something
# to the API server and those that label the node have a meaning here; the others say what this node has not anyway.
set -euo pipefail
folder=$(dirname "${BASH_SOURCE[0]}")
export KUBECONFIG=/etc/slipway/kubeconfig TLS=/var/lib/rancher/k3s/server/tls
api_server=() labels=node.kubernetes.io/instance-type=container
for argument in "$@"; do
  case $argument in
    --kube-apiserver-arg=*) api_server+=("--${argument#*=}") ;;
    --node-label=*) labels+=",${argument#*=}" ;;
  esac
done
mkdir -p /var/log/slipway /etc/slipway /etc/cni/net.d /etc/containerd/certs.d
address=$(hostname -I | cut -d' ' -f1)
# shellcheck source-path=SCRIPTDIR source=certificates.sh
source "$folder/certificates.sh"
# shellcheck source-path=SCRIPTDIR source=components.sh
source "$folder/components.sh"

# Where cgroups are of the second version, the controllers are handed down only from a group without processes.
if [[ -f /sys/fs/cgroup/cgroup.controllers ]]; then
  mkdir -p /sys/fs/cgroup/init
  xargs -rn1 </sys/fs/cgroup/cgroup.procs >/sys/fs/cgroup/init/cgroup.procs 2>/dev/null || true
  sed -e 's/ / +/g' -e 's/^/+/' </sys/fs/cgroup/cgroup.controllers >/sys/fs/cgroup/cgroup.subtree_control
fi
mount --make-rshared /
# Pods reach each other and Services through the bridge's rules also when the host does not filter bridges.
sysctl -qw net.ipv4.ip_forward=1 || true
sysctl -qw net.bridge.bridge-nf-call-iptables=1 2>/dev/null || true

[[ -f $TLS/server-ca.crt ]] || make_certificates "$address"
write_settings "$address"
start_control_plane "${api_server[@]}"
start_node "$address" "$labels"
wait
