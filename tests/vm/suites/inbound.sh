#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vm: --no-daemon --timeout 600
#
# Connections that come in, however they become sockets: of a request that two
# processors take up at once, with a syncookie, of a SYN with data (fast open). Each
# is the listener's, and goes on as that, or is refused; none is nobody's. What no
# program wants costs nothing, and is refused, or not answered at all (stealth).

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=tests/lib/tap.sh
. "$here/../../lib/tap.sh"
# shellcheck source=tests/vm/lib/peer.sh
. "$here/../lib/peer.sh"
# shellcheck source=tests/vm/lib/daemon.sh
. "$here/../lib/daemon.sh"

PROGRAMS=$VM_TOP/tests/vm/programs
BIN=/run/inbound
GOOD=8001 GOOD_UDP=8002 BAD=8003 BAD_UDP=8004
NOBODY=192.0.2.9 # no kernel answers what comes to it
TWICE=1000 TRIES=50
listeners=()

# Without a cookie of its own; what listens from now on takes them.
data_in_syns() {
  sysctl -qw net.ipv4.tcp_fastopen=0x603 && peer_run sysctl -qw net.ipv4.tcp_fastopen=0x5
}

listens() { grep -q "$(printf ':%04X ' "$1")" /proc/net/tcp6; }

serve() { # WHO TCP UDP
  "$BIN/$1" "$PROGRAMS/scenarios.py" listen "$2" "$3" </dev/null >/dev/null 2>&1 &
  listeners+=($!)
  eventually "$1 listens" 60 listens "$2"
}

# Frames to the address that nobody has go to the peer's packet socket.
nobody_is_at_the_peer() {
  peer_mac=$(peer_run ip -o link show dev eth0 | sed 's/.*ether \([^ ]*\).*/\1/')
  own_mac=$(ip -o link show dev eth0 | sed 's/.*ether \([^ ]*\).*/\1/')
  ip neigh replace "$NOBODY" lladdr "$peer_mac" dev eth0 nud permanent
}

ends_on_two() { # PORT COUNT
  peer_run "$VM_BUILD/tests/vm/programs/twice" eth0 "$NOBODY" 192.0.2.1 "$own_mac" "$1" "$2"
}

connects() { # PORT [WORD]
  peer_run timeout $((60 * VM_PACE)) python3 "$PROGRAMS/scenarios_peer.py" "${2:-tcp}" 192.0.2.1 "$1"
}

connected() { # PORT [WORD]
  local left=$TRIES got=0
  while [ $((left--)) -gt 0 ]; do
    ! connects "$@" >/dev/null 2>&1 || got=$((got + 1))
  done
  echo "$got"
}

kernel_counted() { awk -v name="$1" '
  $1 == "TcpExt:" && !names { names = split($0, column); next }
  $1 == "TcpExt:" { for (i = 1; i <= names; i++) if (column[i] == name) print $i }' /proc/net/netstat; }

# How a connection to each of so many ports ends, without those that end alike.
scan() { # FIRST COUNT
  peer_run timeout 120 python3 -c '
import errno, socket, sys
ends = set()
for port in range(int(sys.argv[1]), int(sys.argv[1]) + int(sys.argv[2])):
    sock = socket.socket()
    sock.settimeout(2)
    try:
        ends.add(errno.errorcode.get(sock.connect_ex(("192.0.2.1", port)), "open"))
    except TimeoutError:
        ends.add("ETIMEDOUT")
print(*ends)' "$1" "$2" | sed 's/EAGAIN/ETIMEDOUT/'
}

flows_are_gone() { [ "$(fill flows)" = 0 ]; }

# What the log has said of PORT since mark_log.
mark_log() { marked=$(wc -l <"$BIN/log"); }
logged() { tail -n +$((marked + 1)) "$BIN/log" | grep "\"local-port\": *$1[,}]"; }
has_logged() { # WHO PORT COUNT: so many have ended, each of which is told once
  [ "$(logged "$2" | grep '"event": *"ended"' | grep "\"program\": *\"$BIN/$1\"" | grep -oE '"flows": *[0-9]+' |
    grep -oE '[0-9]+' | awk '{ sum += $1 } END { print sum + 0 }')" -ge "$3" ]
}

# So many at least are WHO's, and none is another's.
logged_as() { # WHAT WHO PORT COUNT
  eventually "$1: the log has them" 60 has_logged "$2" "$3" "$4"
  is "$1: it has nobody else's" "$(logged "$3" | grep -v "\"program\": *\"$BIN/$2\"")" ''
}

ok 'the peer is there' peer_up echo
ok 'the programs are there' programs good bad
ok 'frames for nobody go to the peer' nobody_is_at_the_peer
ok 'SYNs may have data' data_in_syns
ok 'a bus' bus_up
ok 'the daemon protects' daemon_start
ok 'one listener may be connected to' sallyport rules add "allow in program $BIN/good"
ok 'the other may not' sallyport rules add "deny in program $BIN/bad"
serve good "$GOOD" "$GOOD_UDP"
serve bad "$BAD" "$BAD_UDP"
passed=$(counter established)
sallyport log --all --json --follow -n 1 >"$BIN/log" </dev/null &
listeners+=($!)

# --- the end of a handshake on two processors ------------------------------------------

mark_log
ends_on_two "$GOOD" "$TWICE" >"$BIN/twice"
is 'connections whose handshake ends on two processors go on' "$(cat "$BIN/twice")" "$TWICE"
logged_as 'they are the listener'"'"'s' good "$GOOD" "$TWICE"
is 'nor as one that is older than the module' "$(counter established)" "$passed"
is 'the other listener is connected to by none' "$(ends_on_two "$BAD" 3)" 0

# --- with a syncookie --------------------------------------------------------------------

before=$(kernel_counted SyncookiesRecv)
mark_log
ok 'all SYNs are answered with a cookie' sysctl -qw net.ipv4.tcp_syncookies=2
is 'connections with a cookie go on' "$(connected "$GOOD")" "$TRIES"
cmp_ok 'the kernel saw so many cookies' $(($(kernel_counted SyncookiesRecv) - before)) -ge "$TRIES"
logged_as 'with a cookie they are the listener'"'"'s' good "$GOOD" "$TRIES"
fails 'the other listener can'"'"'t be connected to' connects "$BAD"
ok 'no more of that' sysctl -qw net.ipv4.tcp_syncookies=1

# --- with data in the SYN ------------------------------------------------------------------

before=$(kernel_counted TCPFastOpenPassive)
mark_log
is 'connections that begin with data go on' "$(connected "$GOOD" fastopen)" "$TRIES"
cmp_ok 'the kernel made so many sockets of a SYN' $(($(kernel_counted TCPFastOpenPassive) - before)) -ge "$TRIES"
logged_as 'with data they are the listener'"'"'s' good "$GOOD" "$TRIES"
fails 'the other listener can'"'"'t be connected to' connects "$BAD" fastopen

cmp_ok 'nothing passed as older than the module in all this' "$(counter established)" -eq "$passed"
# --- what no program wants ---------------------------------------------------------------------

flows=$(fill flows) waiting=$(fill pending) wanted=$(counter unwanted)
is 'a scan of ports is refused' "$(scan 20000 2000)" ECONNREFUSED
cmp_ok 'each of them is counted' $(($(counter unwanted) - wanted)) -ge 2000
is 'no flow comes of it' "$(fill flows)" "$flows"
is 'and nothing waits' "$(fill pending)" "$waiting"
ok 'the daemon goes' daemon_kill
daemon_configure <<'END'
[kernel]
stealth=true
END
ok 'and comes, to answer nothing' daemon_start
is 'then nobody answers' "$(scan 20000 3)" ETIMEDOUT
cmp_ok 'for that reason' "$(counter stealth)" -ge 3
ok 'who is wanted is answered' connects "$GOOD"

kill "${listeners[@]}"
eventually 'no flow stays' 60 flows_are_gone || diag "$(sallyport connections --all | head -n 20)"

tap_done
