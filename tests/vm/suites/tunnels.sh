#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vm: --no-daemon --timeout 600
#
# Tunnels: a program is judged by where it asked for, what carries it is judged by
# itself, and is not the program's. Each of vxlan, ipip, IPsec (transport and tunnel)
# and WireGuard: without the inner rule nothing arrives, without the outer one neither.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=tests/lib/tap.sh
. "$here/../../lib/tap.sh"
# shellcheck source=tests/vm/lib/peer.sh
. "$here/../lib/peer.sh"
# shellcheck source=tests/vm/lib/daemon.sh
. "$here/../lib/daemon.sh"

BIN=/run/tunnels
OWN=192.0.2.1 PEER=192.0.2.2 OTHER=192.0.2.3

# An answer from port 7 there.
talks() { # WHO ADDRESS
  timeout 30 "$BIN/$1" -c '
import socket, sys
sock = socket.create_connection((sys.argv[1], 7), 5)
sock.sendall(b"hello")
sys.exit(sock.recv(5) != b"hello")' "$2" 2>/dev/null
}

# --- the tunnels: on this side, then there ---------------------------------------------

both() { # COMMAND..., with OWN and PEER, INNER and THERE exchanged there
  local command=$*
  eval "$command" &&
    peer_run env OWN="$PEER" PEER="$OWN" INNER="$THERE" THERE="$INNER" OTHER="$OWN" \
      bash -c "$command"
}

vxlan() {
  # shellcheck disable=SC2016 # for both sides
  both 'ip link add vxlan0 type vxlan id 7 dev eth0 remote $PEER local $OWN dstport 4789 &&
    ip address add $INNER/24 dev vxlan0 && ip link set vxlan0 up'
}

ipip() {
  # shellcheck disable=SC2016
  both 'ip link add ipip0 type ipip local $OWN remote $PEER &&
    ip address add $INNER/24 dev ipip0 && ip link set ipip0 up'
}

key() { printf "enc 'cbc(aes)' 0x%032d auth 'hmac(sha256)' 0x%064d" "$1" "$1"; }

transport() {
  local state
  state="ip xfrm state add src $OWN dst $OTHER proto esp spi 0x11 reqid 1 mode transport $(key 1) &&
    ip xfrm state add src $OTHER dst $OWN proto esp spi 0x12 reqid 1 mode transport $(key 2)"
  eval "$state" && peer_run bash -c "$state" &&
    ip xfrm policy add src "$OWN" dst "$OTHER" dir out tmpl proto esp reqid 1 mode transport &&
    peer_run ip xfrm policy add src "$OTHER" dst "$OWN" dir out tmpl proto esp reqid 1 mode transport
}

tunnel() {
  local state
  state="ip xfrm state add src $OWN dst $PEER proto esp spi 0x21 reqid 2 mode tunnel $(key 3) &&
    ip xfrm state add src $PEER dst $OWN proto esp spi 0x22 reqid 2 mode tunnel $(key 4)"
  eval "$state" && peer_run bash -c "$state" || return 1
  # shellcheck disable=SC2016
  both 'ip address add $INNER/32 dev lo && ip route add $THERE dev eth0 src $INNER &&
    ip xfrm policy add src $INNER dst $THERE dir out tmpl src $OWN dst $PEER proto esp reqid 2 mode tunnel &&
    ip xfrm policy add src $THERE dst $INNER dir in tmpl src $PEER dst $OWN proto esp reqid 2 mode tunnel'
}

wireguard() {
  local own peer
  own=$(wg genkey) && peer=$(wg genkey) &&
    ip link add wg0 type wireguard && peer_run ip link add wg0 type wireguard &&
    wg set wg0 listen-port 51820 private-key <(echo "$own") \
      peer "$(wg pubkey <<<"$peer")" endpoint "$PEER:51820" allowed-ips "$THERE/32" &&
    echo "$peer" >"$BIN/key" &&
    peer_run wg set wg0 listen-port 51820 private-key "$BIN/key" \
      peer "$(wg pubkey <<<"$own")" endpoint "$OWN:51820" allowed-ips "$INNER/32" ||
    return 1
  # shellcheck disable=SC2016
  both 'ip address add $INNER/24 dev wg0 && ip link set wg0 up'
}

# --- each of them -------------------------------------------------------------------------

rule() { sallyport rules add "$1" >>"$DAEMON_DIR/rules"; }
# The last two.
forget_carrier() {
  tail -n 2 "$DAEMON_DIR/rules" | xargs -n 1 sallyport rules remove
}
rows() { sallyport log --all --json -n 1000 | grep "\"remote\": *\"$1\""; }

try() { # TUNNEL ADDRESS PROTOCOL [PORT]: what carries it; and its rule
  local name=$1 address=$2 outer="protocol $3${4:+ port $4}" number=$3 before
  [ "$number" != udp ] || number="udp $4"
  ok "$name is there" "$name"
  # shellcheck disable=SC2086 # a protocol, and a port
  before=$(peer_count $number)
  ok '  one program may go there' rule "allow out program $BIN/good to $address"
  fails '  but nobody may carry it' talks good "$address"
  # shellcheck disable=SC2086
  is '  so nothing arrives' "$(peer_count $number)" "$before"
  ok '  what carries it may leave' rule "allow out to 192.0.2.0/24 $outer"
  ok '  and come' rule "allow in from 192.0.2.0/24 $outer"
  # Not at once by ipip: it counts errors, and fails as many of the next packets.
  eventually '  the program is answered' 60 talks good "$address"
  # shellcheck disable=SC2086
  cmp_ok '  by what arrives' "$(peer_count $number)" -gt "$before"
  before=$(peer_syn_count 7 "$address")
  fails '  another program is not' talks bad "$address"
  is '  nothing of it arrives inside' "$(peer_syn_count 7 "$address")" "$before"
  ok '  what carried it may not any more' forget_carrier
  unlike '  what carries is not the program'"'"'s' "$(rows "$PEER"; rows "$OTHER" | grep -v '"remote-port": *7[,}]')" "$BIN/good"
}

ok 'the peer is there' peer_up echo
ok 'the programs are there' programs good bad
ok 'what makes tunnels can be had' modprobe -a vxlan ipip xfrm_user esp4 xfrm4_tunnel wireguard
ok 'a bus' bus_up
ok 'the daemon protects' daemon_start
ok 'one program may go nowhere' rule "deny out program $BIN/bad"

INNER=10.9.1.1 THERE=10.9.1.2
try vxlan 10.9.1.2 udp 4789
INNER=10.9.2.1 THERE=10.9.2.2
try ipip 10.9.2.2 4
INNER='' THERE=''
try transport "$OTHER" 50
INNER=10.9.3.1 THERE=10.9.3.2
try tunnel 10.9.3.2 50
INNER=10.9.4.1 THERE=10.9.4.2
try wireguard 10.9.4.2 udp 51820

tap_done
