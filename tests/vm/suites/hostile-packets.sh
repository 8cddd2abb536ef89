#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# part: long
# vm: --timeout 900
#
# Packets as nobody should make them, from the network, from a program with raw
# sockets and through a tun device: nobody receives what he may not, nothing gets out,
# the kernel has nothing to say. Without the module the same packets arrive.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=tests/lib/tap.sh
. "$here/../../lib/tap.sh"
# shellcheck source=tests/vm/lib/peer.sh
. "$here/../lib/peer.sh"
# shellcheck source=tests/vm/lib/pace.sh
. "$here/../lib/pace.sh"
# shellcheck source=tests/vm/lib/attack.sh
. "$here/../lib/attack.sh"

COUNT=$(fewer 20000)
got=/run/attack/got

listener_up() {
  : >"$got"
  socat -u UDP4-RECV:9000 "OPEN:$got,append" &
  listeners="$!"
  socat -u UDP6-RECV:9000,ipv6only=1 "OPEN:$got,append" &
  listeners+=" $!"
  socat -u TCP-LISTEN:9000,fork "OPEN:$got,append" &
  listeners+=" $!"
  local tries=0
  until [ "$(grep -c ':2328 ' /proc/net/udp /proc/net/udp6 /proc/net/tcp | grep -c ':[1-9]')" = 3 ]; do
    tries=$((tries + 1))
    [ "$tries" -lt 100 ] || return 1
    sleep 0.1
  done
}

received() { wc -c <"$got"; }

# What follows is delivered behind what came before.
settled() { peer_run ping -q -c 1 -W 5 192.0.2.1 >/dev/null; sync "$got"; }

from_network() {
  peer_run "$ATTACK/packets" link eth0 "$(cat /sys/class/net/eth0/address)" \
    192.0.2.2 192.0.2.1 2001:db8::2 2001:db8::1 "$1" "$COUNT"
}

from_program() { "$ATTACK/packets" raw 192.0.2.1 192.0.2.2 2001:db8::1 2001:db8::2 "$1" "$COUNT"; }

from_tun() {
  "$ATTACK/packets" tun 198.18.0.9 198.18.0.1 2001:db8:9::9 2001:db8:9::1 "$1" "$COUNT"
}

# Of what is made: not the kernel's own answers to what came in before.
left() { echo "$(($(peer_count udp 9000) + $(peer_count tcp 9000) + $(peer_count 253)))"; }

ok 'the peer and its servers are there' peer_up http
ok 'the tools of the attacks are there' attack_tools
ok 'somebody listens' listener_up
modprobe tun
ok 'the tunnel may do anything' sallyport rules add "allow out program $ATTACK/packets to 198.18.0.0/15"

for seed in 1 2; do
  ok "from the network, seed $seed" from_network "$seed"
  settled
  attack "from the network: bytes that a listener got, seed $seed" 0 "$(received)"
  ok "through a tun device, seed $seed" from_tun "$seed"
  settled
  attack "through a tun device: bytes that a listener got, seed $seed" 0 "$(received)"
  peer_count_reset
  ok "from raw sockets, seed $seed" from_program "$seed"
  attack "from raw sockets: packets that left, seed $seed" 0 "$(left)"
done
ok 'the daemon protects' sallyport status

ok 'a rule lets them in' sallyport rules add 'allow in protocol udp port 9000'
ok 'from the network' from_network 1
settled
cmp_ok 'then they are received' "$(received)" -gt 0
ok 'the module is unloaded' rmmod sallyport
: >"$got"
ok 'from the network' from_network 1
settled
cmp_ok 'without it they are received' "$(received)" -gt 0
: >"$got"
ok 'through a tun device' from_tun 1
settled
cmp_ok 'without it they are received' "$(received)" -gt 0
peer_count_reset
ok 'from raw sockets' from_program 1
cmp_ok 'without it they leave' "$(left)" -gt 0
# shellcheck disable=SC2086 # numbers
kill $listeners

attack_table
tap_done
