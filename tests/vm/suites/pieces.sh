#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# part: long
# vm: --no-daemon --timeout 600
#
# Packets in pieces (fragments of both versions, both ways, by the kernel and by hand),
# and packets about packets (errors of ICMP): who may is answered in full and told of
# errors, of who may not nothing arrives, and an error opens nothing. Believed is what
# the peer counts before it puts pieces together, and what it is answered.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=tests/lib/tap.sh
. "$here/../../lib/tap.sh"
# shellcheck source=tests/vm/lib/peer.sh
. "$here/../lib/peer.sh"
# shellcheck source=tests/vm/lib/daemon.sh
. "$here/../lib/daemon.sh"

PROGRAMS=$VM_TOP/tests/vm/programs
BIN=/run/pieces
OWN=192.0.2.1 PEER=192.0.2.2 OWN6=2001:db8::1 PEER6=2001:db8::2
SIZE=4000 COUNT=10 # three pieces each
listeners=()

rule() { sallyport rules add "$1" >>"$DAEMON_DIR/rules"; }

run() { timeout $((120 * VM_PACE)) "$BIN/$1" "$PROGRAMS/pieces.py" "${@:2}" 2>>"$BIN/errors"; }

# What may have become of a piece, on both sides.
figures() {
  local file=/proc/net/snmp6
  tail -n 2 "$BIN/errors"
  grep -E 'Ip6(Reasm|InDis|InDel|InHdr|OutDis|Frag)|Udp6' "$file"
  echo there:
  peer_run grep -E 'Ip6(Reasm|InDis|InDel|InHdr|OutDis|Frag)|Udp6' "$file"
}

there() { peer_run timeout $((120 * VM_PACE)) python3 "$PROGRAMS/pieces.py" "$@" 2>/dev/null; }

ask() { # ADDRESS PORT SIZE
  peer_run timeout $((120 * VM_PACE)) python3 "$PROGRAMS/listeners.py" ask udp "$1" "$2" "$COUNT" "$3"
}

says_it_listens() { grep -q listens "$BIN/says"; }

listen() { # WHO PORT
  : >"$BIN/says"
  "$BIN/$1" "$PROGRAMS/listeners.py" plain "$2" </dev/null >"$BIN/says" 2>>"$BIN/errors" &
  listeners+=($!)
  eventually "$1 listens" 60 says_it_listens
}

serve_there() {
  peer_serve listeners python3 "$PROGRAMS/listeners.py" plain 9007 && peer_wait_listens udp 9007
}

# What the kernel here put together; of IPv6 nobody counts it where it is done so early.
put_together() {
  awk '/^Ip:/ && !names { names = split($0, column); next }
    /^Ip:/ { for (i = 1; i <= names; i++) if (column[i] == "ReasmOKs") print $i }' /proc/net/snmp
}

# Bytes of a program's flows to a port of the peer, as the log has them: out.
logged() { # WHO PORT REMOTE
  sallyport log --all --json -n 1000 | grep '"event": *"ended"' | grep "\"program\": *\"$BIN/$1\"" |
    grep "\"remote-port\": *$2[,}]" | grep "\"remote\": *\"$3\"" |
    grep -oE '"bytes-out": *[0-9]+' | grep -oE '[0-9]+' | awk '{ sum += $1 } END { print sum + 0 }'
}
has_logged() { [ "$(logged "${@:2}")" = "$1" ]; }

nothing_waits() { [ "$(fill pending)" = 0 ]; }

ok 'the peer is there' peer_up echo
ok 'somebody there answers' serve_there
ok 'the programs are there' programs good bad raw
ok 'errors are not rationed' errors_unrationed
ok 'a bus' bus_up
ok 'the daemon protects' daemon_start
for direction in in out; do
  ok "one may ($direction)" rule "allow $direction program $BIN/good"
  ok "the other may not ($direction)" rule "deny $direction program $BIN/bad"
done

# --- out -----------------------------------------------------------------------------------

for address in "$PEER" "$PEER6"; do
  header=28
  [ "$address" = "$PEER" ] || header=48
  peer_count_reset
  is "to $address: who may is answered" "$(run good send "$address" 9007 "$SIZE" "$COUNT")" answered ||
    diag "$(figures)"
  is '  … in pieces' "$(peer_count udp '' "$address")" $((3 * COUNT))
  eventually '  … the record has each datagram as it was whole' 60 \
    has_logged $((COUNT * (SIZE + header))) good 9007 "$address"
  peer_count_reset
  is '  … who may not is not' "$(run bad send "$address" 9007 "$SIZE" 1)" ''
  is '  … of it no piece arrives' "$(peer_count udp '' "$address")" 0
done

# The kernel puts together what leaves as pieces already, but for a socket that says no.
ok 'one program may send to one port' rule "allow out program $BIN/raw to $PEER protocol udp port 9008"
peer_count_reset
is 'by hand, put together: it is judged as a whole' "$(run raw by-hand "$OWN" "$PEER" 9008 5)" 'refused 0'
is '  … and arrives' "$(peer_count udp 9008)" 5
ok '  … it sends to another port' run raw by-hand "$OWN" "$PEER" 9009 5
eventually '  … which is decided' 30 nothing_waits
is '  … there nothing arrives' "$(peer_count udp 9009)" 0
peer_count_reset
ok 'by hand, in pieces: only the first has a port' run raw by-hand "$OWN" "$PEER" 9008 5 alone
eventually '  … the other is asked about' 30 nothing_waits
is '  … and does not arrive' "$(peer_count udp)" 5
ok 'it may send it all' rule "allow out program $BIN/raw to $PEER protocol udp"
peer_count_reset
is '  … then it does' "$(run raw by-hand "$OWN" "$PEER" 9008 5 alone)" 'refused 0'
is '  … and all arrives' "$(peer_count udp)" 10
peer_count_reset
is 'by who may not: all is refused' "$(run bad by-hand "$OWN" "$PEER" 9008 5 alone)" 'refused 10'
is '  … put together, too' "$(run bad by-hand "$OWN" "$PEER" 9008 5)" 'refused 5'
is '  … and nothing arrives' "$(peer_count udp)" 0

# --- in --------------------------------------------------------------------------------------

listen good 8001
listen bad 8002
before=$(put_together)
is 'who may is sent to in pieces, and answers in full' "$(ask "$OWN" 8001 "$SIZE")" "good $COUNT"
is '  … over IPv6' "$(ask "$OWN6" 8001 "$SIZE")" "good $COUNT"
is '  … who may not does not' "$(ask "$OWN" 8002 "$SIZE")" "refused $COUNT"
is '  … over IPv6' "$(ask "$OWN6" 8002 "$SIZE")" "refused $COUNT"
cmp_ok 'the kernel put that together' $(($(put_together) - before)) -ge $((2 * COUNT))
upcalls=$(counter upcall)
is 'one piece of two comes' "$(there first "$OWN" 8001)" sent
is '  … and another datagram, in full' "$(ask "$OWN" 8001 100)" "good $COUNT"
is '  … nothing is asked about a piece' "$(counter upcall)" "$upcalls"

# --- errors ------------------------------------------------------------------------------------

# And counts what a raw socket sends: errors about a datagram from port 1. The kernel sends
# errors of its own.
errors_there() {
  peer_run nft -f - <<'END'
table inet errors {
  chain arrived {
    type filter hook prerouting priority -400;
    meta l4proto icmp @th,224,16 1 counter comment "raw4"
    meta l4proto icmpv6 @th,384,16 1 counter comment "raw6"
  }
  chain in {
    type filter hook input priority 0;
    tcp dport 9010 reject with icmpx host-unreachable
    udp dport 9010 reject with icmpx admin-prohibited
  }
}
END
}

raw_errors() { peer_run nft list chain inet errors arrived | sed -n "s/.*packets \\([0-9]*\\).*\"raw$1\".*/\\1/p"; }

ok 'the peer has its reasons' errors_there
for address in "$PEER" "$PEER6"; do
  peer_count_reset
  is "a datagram's socket is told that nobody is there ($address)" "$(run good closed "$address" 9011)" 'told ECONNREFUSED'
  cmp_ok '  … by who got it' "$(peer_count udp 9011 "$address")" -eq 1
  told='told EHOSTUNREACH'
  is "  … a connection's, why not" "$(run good connect "$address" 9010)" "$told"
  cmp_ok '  … by who got that' "$(peer_syn_count 9010 "$address")" -ge 1
  told='told EHOSTUNREACH'
  [ "$address" = "$PEER" ] || told='told EACCES'
  is "  … a datagram's, that it may not" "$(run good closed "$address" 9010)" "$told"
done

# Flows of before may end meanwhile: they are not counted.
listed() { sallyport connections --all --json >"$DAEMON_DIR/connections"; }

# About what nobody has sent: from where it pretends to have gone to.
upcalls=$(counter upcall)
is 'an error about no flow opens nothing' "$(there about "$PEER" 8002 "$OWN" 9012)" refused
is '  … over IPv6' "$(there about "$PEER6" 8002 "$OWN6" 9012)" refused
ok '  … whose flow would be listed' listed
is '  … leaves none' "$(grep -c 9012 "$DAEMON_DIR/connections")" 0
is '  … and asks nothing' "$(counter upcall)" "$upcalls"
is 'who may is open without' "$(there about "$PEER" 8001 "$OWN" 9013)" 'answered by good'

is 'who may sends errors by a raw socket' "$(run good error "$PEER" 5)" 'refused 0'
is '  … over IPv6' "$(run good error "$PEER6" 5)" 'refused 0'
is '  … they arrive' "$(raw_errors 4)" 5
is '  … over IPv6' "$(raw_errors 6)" 5
is 'who may not does not' "$(run bad error "$PEER" 5)" 'refused 5'
is '  … over IPv6' "$(run bad error "$PEER6" 5)" 'refused 5'
is '  … none of them arrives' "$(raw_errors 4)" 5
is '  … over IPv6' "$(raw_errors 6)" 5
kill "${listeners[@]}"
wait "${listeners[@]}" 2>/dev/null

tap_done
