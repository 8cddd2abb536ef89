#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# part: long
# vm: --smp 1 --no-daemon --debs ufw,wireguard-tools --timeout 900
#
# Living with others on one machine, as sallyport-others(7) says: with ufw what either
# refuses is refused, in both directions; of WireGuard the tunnel is the kernel's, what is
# in it its program's. Bare nftables is in others.sh, Podman in podman.sh.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=tests/lib/tap.sh
. "$here/../../lib/tap.sh"
# shellcheck source=tests/vm/lib/peer.sh
. "$here/../lib/peer.sh"
# shellcheck source=tests/vm/lib/daemon.sh
. "$here/../lib/daemon.sh"

rule() { sallyport rules add "$1" >>"$DAEMON_DIR/rules"; }
forget() { sallyport rules remove "$(tail -n 1 "$DAEMON_DIR/rules")"; }
fetch() { curl --silent --show-error --max-time "${2-20}" "http://$1/"; }

install_debs() {
  DEBIAN_FRONTEND=noninteractive dpkg --force-confold -i "$VM_DEBS"/*.deb
}

ok 'the packages of the others' install_debs
ok 'the peer and its servers are there' peer_up http echo
ok 'a bus' bus_up
ok 'the daemon protects' daemon_start

# --- ufw ------------------------------------------------------------------------------------

# Somebody listens here, and the peer asks for a connection.
socat TCP4-LISTEN:7000,fork,reuseaddr PIPE </dev/null >/dev/null 2>&1 &
listener=$!
from_peer() { peer_run timeout 30 nc -N -w 10 192.0.2.1 7000 <<<hello; }

ok 'curl may, says Sallyport' rule 'allow out program /usr/bin/curl to 192.0.2.2'
ok 'socat may be asked' rule 'allow in program /usr/bin/socat protocol tcp port 7000'
is 'somebody gets in' "$(from_peer)" hello
ok 'ufw begins' ufw --force enable
ok 'curl still may' fetch 192.0.2.2
fails 'nobody gets in: ufw lets nobody' from_peer
ok 'ufw lets that port' ufw allow 7000/tcp
is 'somebody gets in again' "$(from_peer)" hello
ok 'not if Sallyport does not' forget
fails 'nobody gets in' from_peer
ok 'ufw refuses one port' ufw reject out to 192.0.2.2 port 80 proto tcp
peer_count_reset
fails 'which Sallyport allows: it is refused' fetch 192.0.2.2
is 'nothing arrives' "$(peer_syn_count 80)" 0
ok 'ufw allows it' ufw delete reject out to 192.0.2.2 port 80 proto tcp
fails 'what Sallyport does not allow is refused' wget -q -t 1 -T 20 -O /dev/null http://192.0.2.2/
is 'nothing arrives' "$(peer_syn_count 80)" 0
ok 'what both allow' fetch 192.0.2.2
cmp_ok 'does' "$(peer_syn_count 80)" -ge 1
ok 'ufw is loaded anew' ufw reload
ok 'nothing changes' fetch 192.0.2.2
fails 'either way' wget -q -t 1 -T 20 -O /dev/null http://192.0.2.2/
ok 'ufw ends' ufw disable
kill "$listener"

# --- WireGuard ------------------------------------------------------------------------------

# tunnel NUMBER OTHER-KEY OTHER-ADDRESS: the commands for one end.
tunnel_end() {
  cat <<END
set -e
ip link add wg0 type wireguard
wg set wg0 private-key "$DAEMON_DIR/key$1" listen-port 51820 \
  peer "$2" endpoint "$3:51820" allowed-ips 10.8.0.0/24
ip address add "10.8.0.$1/24" dev wg0
ip link set wg0 up
END
}

tunnel() {
  local number
  modprobe wireguard || return 1
  for number in 1 2; do
    (umask 077 && wg genkey >"$DAEMON_DIR/key$number") || return 1
  done
  tunnel_end 1 "$(wg pubkey <"$DAEMON_DIR/key2")" 192.0.2.2 | bash &&
    tunnel_end 2 "$(wg pubkey <"$DAEMON_DIR/key1")" 192.0.2.1 | peer_run bash
}

handshaken() { [ "$(wg show wg0 latest-handshakes | cut -f2)" != 0 ]; }

ok 'a tunnel to the peer' tunnel
peer_count_reset
ok 'curl may go to the other end' rule 'allow out program /usr/bin/curl to 10.8.0.2 protocol tcp port 80'
fails 'but the tunnel is the kernel'"'"'s, who may not send' fetch 10.8.0.2 10
is 'nothing of it arrives' "$(peer_count udp 51820)" 0
ok 'with a rule for it' rule 'allow out protocol udp to 192.0.2.2 port 51820'
ok 'it does, and curl by it' fetch 10.8.0.2 60
ok 'the ends know each other' handshaken
cmp_ok 'the peer has got it by the tunnel' "$(peer_count udp 51820)" -ge 1
# What curl had sent before waited in the tunnel, and comes as well.
cmp_ok 'and out of it' "$(peer_syn_count 80 10.8.0.2)" -ge 1
status_is 'another program is judged in the tunnel' 4 wget -q -t 1 -T 20 -O /dev/null http://10.8.0.2/
status_is 'and curl for another port' 7 fetch 10.8.0.2:8080
is 'nothing comes out of it' "$(peer_syn_count 8080 10.8.0.2)" 0
ok 'a rule by interface' rule 'allow out program /usr/bin/wget interface wg0'
ok 'is about the tunnel' wget -q -t 1 -T 20 -O /dev/null http://10.8.0.2/
fails 'not about the way around it' wget -q -t 1 -T 20 -O /dev/null http://192.0.2.2/
socat TCP4-LISTEN:7000,bind=10.8.0.1,fork,reuseaddr PIPE </dev/null >/dev/null 2>&1 &
listener=$!
from_tunnel() { peer_run timeout 30 nc -N -w 10 10.8.0.1 7000 <<<hello; }
fails 'from there nobody gets in' from_tunnel
ok 'with a rule' rule 'allow in program /usr/bin/socat interface wg0 protocol tcp port 7000'
is 'somebody does' "$(from_tunnel)" hello
kill "$listener"

tap_done
