#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# part: long
# vm: --no-daemon --timeout 600
#
# Frames of packet sockets, which go past LOCAL_OUT: those with an IP header are
# judged as flows of their program wherever they leave, by whatever way they are
# sent; the others pass for programs of the machine. Believed is what the peer
# counts.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=tests/lib/tap.sh
. "$here/../../lib/tap.sh"
# shellcheck source=tests/vm/lib/peer.sh
. "$here/../lib/peer.sh"
# shellcheck source=tests/vm/lib/daemon.sh
. "$here/../lib/daemon.sh"

PATIENCE=60
BIN=/run/frames-bin
rule() { sallyport rules add "$1" >>"$DAEMON_DIR/rules"; }
forget() { sallyport rules remove "$(tail -n 1 "$DAEMON_DIR/rules")"; }

# Programs of their own: the same file at two places is two.
programs() {
  mkdir -p "$BIN"
  cp "$VM_BUILD/tests/vm/programs/frames" "$BIN/good"
  cp "$VM_BUILD/tests/vm/programs/frames" "$BIN/bad"
}

# What the peer's device gets, below IP.
frame_referee() {
  peer_run nft -f - <<'END'
table netdev frames {
  chain in {
    type filter hook ingress device eth0 priority 0;
    ether type 0x888e counter comment "seen_eapol"
    ether type 0x8100 counter comment "seen_tagged"
  }
}
END
}

got() { peer_run nft list chain netdev frames in | sed -n "s/.*packets \\([0-9]*\\).*\"seen_$1\".*/\\1/p"; }

mac() { peer_run ip -o link show dev "${1:-eth0}" | sed 's/.*ether \([^ ]*\).*/\1/'; }

# send WHO [OPTION...] PORT: a datagram to the peer over IPv4.
send() {
  local who=$1 port=${!#}
  "$BIN/$who" "${@:2:$#-2}" eth0 "$(mac)" 192.0.2.1 192.0.2.2 "$port"
}

send6() {
  local who=$1 port=${!#}
  "$BIN/$who" "${@:2:$#-2}" eth0 "$(mac)" 2001:db8::1 2001:db8::2 "$port"
}

arrived() { peer_count udp "$1"; }
has_arrived() { [ "$(arrived "$1")" -ge 1 ]; }

# What a program sends again comes through, once its rule has been looked up.
gets_through() { # WHAT PORT COMMAND...
  ok "$1" "${@:3}"
  cmp_ok '  … and arrives' "$(arrived "$2")" -ge 1
}

stays() { # WHAT PORT COMMAND...
  fails "$1" "${@:3}"
  is '  … and nothing arrives' "$(arrived "$2")" 0
}

ok 'the peer and its servers are there' peer_up echo
ok 'the programs are there' programs
ok 'the peer sees frames' frame_referee
ok 'a bus' bus_up
ok 'the daemon protects' daemon_start
peer_count_reset

# --- asked, allowed, denied -------------------------------------------------------------

before=$(counter unheld)
send good -n 2 -w 500 1001
is 'what nobody allows does not arrive' "$(arrived 1001)" 0
cmp_ok 'the daemon was told' "$(counter unheld)" -gt "$before"
ok 'one may send to some ports' rule "allow out program $BIN/good to 192.0.2.0/24 protocol udp port 1000-1999"
ok 'and over IPv6' rule "allow out program $BIN/good to 2001:db8::/32 protocol udp port 1000-1999"

before=$(counter unheld)
send good 1002
is 'the first of a new flow is lost' "$(arrived 1002)" 0
eventually 'while the daemon was told' "$PATIENCE" [ "$(counter unheld)" -gt "$before" ]
once_more() { send good 1002 && has_arrived 1002; }
eventually 'what is sent again arrives' "$PATIENCE" once_more
before=$(arrived 1002)
ok 'and all after it' send good -n 20 -w 0 1002
is 'each of them' "$(($(arrived 1002) - before))" 20
gets_through 'to another port of the same rule' 1003 send good -n 3 -w 300 1003
stays 'another port is refused, and the program told' 2003 send good -n 3 -w 300 2003
ok 'the other program may send nothing' rule "deny out program $BIN/bad"
stays 'it can not, to the same port either' 1004 send bad -n 3 -w 300 1004

# --- every way to send --------------------------------------------------------------------

gets_through 'over IPv6' 1005 send6 good -n 3 -w 300 1005
stays 'over IPv6 by who may not' 1006 send6 bad -n 3 -w 300 1006
# The last of them: by then the flow is known, where the first was lost.
port=0
for how in -b -d -r '-r -b'; do
  # shellcheck disable=SC2086 # options
  send good $how -n 3 -w 300 $((1010 + ++port))
  # shellcheck disable=SC2086
  gets_through "with $how" $((1010 + port)) send good $how $((1010 + port))
  # shellcheck disable=SC2086
  fails "with $how by who may not" send bad $how -n 3 -w 300 $((1030 + port))
  is '  … and nothing arrives' "$(arrived $((1030 + port)))" 0
done
ok 'behind a VLAN tag' send good -n 3 -w 300 -t 1 1040
cmp_ok '  … and arrives' "$(got tagged)" -ge 1
before=$(got tagged)
fails 'behind a VLAN tag by who may not' send bad -t 1 -n 3 -w 300 1041
fails '  … two' send bad -t 2 -n 3 -w 300 1041
before_malformed=$(counter malformed)
send good -t 6 1041
cmp_ok '  … more than make sense' "$(counter malformed)" -gt "$before_malformed"
is '  … and nothing arrives' "$(($(got tagged) - before))" 0

# --- whose it is --------------------------------------------------------------------------

stays 'a socket that was handed on is its new owner'\''s' 1050 \
  "$BIN/good" -x "$BIN/bad" -n 3 -w 300 eth0 "$(mac)" 192.0.2.1 192.0.2.2 1050
gets_through 'the other way round, too' 1051 \
  "$BIN/bad" -x "$BIN/good" -n 3 -w 300 eth0 "$(mac)" 192.0.2.1 192.0.2.2 1051

# --- without IP -----------------------------------------------------------------------------

"$BIN/bad" eth0 "$(mac)" 888e
is 'EAPOL passes, whatever the rules say of the program' "$(got eapol)" 1
cmp_ok 'and is counted' "$(counter frame)" -ge 1
ok 'arping may send no packets' rule "deny out program $(readlink -f /usr/bin/arping)"
ok 'its question for an address is none, and is answered' arping -q -c 3 -f -w 30 -I eth0 192.0.2.2
before=$(counter frame-foreign)
"$BIN/good" -x "$BIN/bad" -u eth0 "$(mac)" 888e
is 'not for a program in a user namespace' "$(got eapol)" 1
cmp_ok 'which is counted' "$(counter frame-foreign)" -gt "$before"

# --- devices that come, change and go --------------------------------------------------------

later_device() {
  ip link add late type veth peer name far netns "$(peer_pid)" &&
    ip link set late up && peer_run ip link set far up &&
    peer_run ip address add 10.8.0.1/24 dev far
}

late() { # WHO DEVICE PORT
  "$BIN/$1" -n 3 -w 300 "$2" "$(mac far)" 10.8.0.2 10.8.0.1 "$3"
}

ok 'a device that comes later' later_device
ok 'where the same goes' rule "allow out program $BIN/good to 10.8.0.0/16 protocol udp port 1000-1999"
gets_through 'is judged: allowed' 1060 late good late 1060
stays 'denied' 1061 late bad late 1061
ok 'it gets another name' ip link set late down
ok 'it has it' ip link set late name later
ok 'it is up' ip link set later up
gets_through 'is judged: allowed' 1062 late good later 1062
stays 'denied' 1063 late bad later 1063
ok 'it moves to a container' eval 'ip netns add c1 && ip link set later netns c1 && ip -n c1 link set later up'
inside() { nsenter --net=/run/netns/c1 -- "$@"; }
contained() { inside "$BIN/$1" -n 3 -w 300 later "$(mac far)" 10.8.0.2 10.8.0.1 "$2"; }
gets_through 'is judged: allowed' 1064 contained good 1064
stays 'denied' 1065 contained bad 1065
ok 'the container is taken away' eval 'ip -n c1 link del later; ip netns del c1'

bridged() {
  ip link add br0 type bridge && ip link set br0 up &&
    ip link add port0 type veth peer name far netns "$(peer_pid)" &&
    ip link set port0 master br0 up && peer_run ip link set far up &&
    peer_run ip address add 10.8.1.1/24 dev far
}
over_bridge() { "$BIN/$1" -n 3 -w 300 "$2" "$(mac far)" 10.8.1.2 10.8.1.1 "$3"; }
ok 'a bridge' bridged
ok 'one may send by the bridge only' rule "allow out program $BIN/bridged interface br0 protocol udp"
ok 'it is there' cp "$BIN/good" "$BIN/bridged"
gets_through 'a frame is judged at the bridge, not again at its port' 3001 over_bridge bridged br0 3001
stays 'by the port itself it does not get out' 3002 over_bridge bridged port0 3002

# --- without the daemon ---------------------------------------------------------------------

ok 'the daemon is killed' daemon_kill
peer_count_reset
gets_through 'what is decided stays' 1002 send good 1002
stays 'what is not decided does not pass' 2070 send good -n 2 2070
"$BIN/bad" eth0 "$(mac)" 888e
is 'EAPOL goes on' "$(got eapol)" 2
gets_through 'DHCP goes on' 67 "$BIN/bridged" -s 68 eth0 "$(mac)" 192.0.2.1 192.0.2.2 67
ok 'the module can be unloaded' rmmod sallyport
gets_through 'without it all of it arrives' 2071 send bad 2071

tap_done
