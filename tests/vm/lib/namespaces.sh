# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Network namespaces of the machine's own, as a container has: the firewall judges
# inside. In each a device that swallows everything, with a network behind it.
#
#   namespaces_make N        n1 to nN
#   namespace_make NAME      one more
#   namespace_connect NAME   connects from there; ends when it is answered or refused
#   namespace_refused NAME   a connection from there is refused
#   namespace_waiting NAME   packets that wait in its queues

namespace_make() {
  ip netns add "$1" &&
    ip -n "$1" link add dummy0 type dummy &&
    ip -n "$1" link set dummy0 up &&
    ip -n "$1" address add 198.51.100.1/24 dev dummy0
}

namespaces_make() {
  local n
  for ((n = 1; n <= $1; n++)); do
    namespace_make "n$n" || return 1
  done
}

# "ip netns exec" would make a mount namespace each time.
namespace_run() {
  local name=$1
  shift
  nsenter "--net=/run/netns/$name" "$@"
}

namespace_connect() { namespace_run "$1" timeout 120 bash -c ': </dev/tcp/198.51.100.2/80'; }

# Where nothing decides, a connection gets no answer at all: it does not end.
namespace_refused() {
  local text
  text=$(namespace_connect "$1" 2>&1)
  [[ $text = *'Connection refused'* ]]
}

# shellcheck disable=SC2016 # awk's
namespace_waiting() {
  namespace_run "$1" awk '{ sum += $3 } END { print sum + 0 }' /proc/net/netfilter/nfnetlink_queue
}
