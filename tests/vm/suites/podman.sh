#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# part: long
# vm: --smp 1 --systemd --debs podman,crun,containernetworking-plugins,iptables --timeout 900
#
# A container of root's as Podman makes it: a namespace behind a bridge, masqueraded.
# Docker's are made in the same way. What is in it is judged there, by its container and
# the address that it asks for: a path in there is none of the machine's. What is only
# forwarded, on its way out, is not judged a second time.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=tests/lib/tap.sh
. "$here/../../lib/tap.sh"
# shellcheck source=tests/vm/lib/peer.sh
. "$here/../lib/peer.sh"

ROOT=/run/container
BOX=/bin/busybox

# Podman's own units run it as well, and all have to agree. What it keeps is in memory;
# images it has none.
configure_podman() {
  mkdir -p /etc/containers
  printf '[storage]\ndriver = "vfs"\nrunroot = "/run/containers/storage"\ngraphroot = "%s"\n' \
    /var/lib/containers/storage >/etc/containers/storage.conf
}

install_debs() {
  DEBIAN_FRONTEND=noninteractive dpkg --force-confold -i "$VM_DEBS"/*.deb
}

# A root with one program in it, under a name that only it has.
make_root() {
  mkdir -p "$ROOT/bin" "$ROOT/proc" "$ROOT/sys" "$ROOT/dev" "$ROOT/etc" "$ROOT/tmp" &&
    cp "$BOX" "$ROOT/bin/busybox" && ln -s busybox "$ROOT/bin/sleep"
}

podman_here() { podman --cgroup-manager=systemd "$@"; }

container_up() {
  podman_here run --detach --name box --network podman --publish 8000:7000 --rootfs "$ROOT" \
    /bin/sleep 3600
}

inside() { podman_here exec box /bin/busybox "$@"; }
container_unit() { printf 'libpod-%s.scope' "$(podman_here inspect -f '{{.Id}}' box)"; }
# Its wget looks names up with libraries, which are not in there.
fetch() {
  printf 'GET / HTTP/1.0\r\n\r\n' |
    podman_here exec --interactive box /bin/busybox nc -w 30 "$1" "${2-80}" | grep hello
}
rule() { sallyport rules add "$1"; }

ok 'Podman' eval 'configure_podman && install_debs'
ok 'the peer and its servers are there' peer_up http echo
ok 'the machine forwards' sysctl -qw net.ipv4.ip_forward=1
ok 'a root for a container' make_root
ok 'a container behind a bridge' container_up
diag "$(podman_here exec box /bin/busybox ip -4 address show dev eth0)"
ok 'programs can be run in it' inside true
unit=$(container_unit)
peer_count_reset

fails 'what no rule allows it is refused' fetch 192.0.2.2
is 'nothing arrives' "$(peer_syn_count 80)" 0
ok 'a rule for its program by a path' rule 'allow out program /bin/busybox to 192.0.2.2'
fails 'is about the machine'"'"'s, not about this one' fetch 192.0.2.2
is 'nothing arrives' "$(peer_syn_count 80)" 0
ok 'a rule for the container' rule "allow out unit $unit to 192.0.2.2 protocol tcp port 80"
ok 'lets it through, judged inside' fetch 192.0.2.2
cmp_ok 'and arrives' "$(peer_syn_count 80)" -ge 1
fails 'not to another port' fetch 192.0.2.2 8080
is 'nothing arrives' "$(peer_syn_count 8080)" 0

ok 'somebody listens in it, at a port that is published' \
  podman_here exec --detach box /bin/busybox nc -ll -p 7000 -e /bin/busybox cat
somebody_listens() { inside netstat -ltn | grep -q ':7000 '; }
eventually 'and is ready' 60 somebody_listens
from_peer() { peer_run timeout 30 nc -N -w 10 192.0.2.1 8000 <<<hello; }
fails 'from outside nobody gets in' from_peer
ok 'with a rule for the port that it listens at' rule "allow in unit $unit protocol tcp port 7000"
is 'somebody does' "$(from_peer)" hello

ok 'the container goes' podman_here rm -f -t 0 box
tap_done
