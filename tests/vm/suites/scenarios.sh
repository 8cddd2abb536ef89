#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vm: --no-daemon --timeout 900
#
# Every way to send and receive, once by a program that may and once by one that may
# not. Allowed: the records name the right program, and its bytes are those that the
# peer counted (layer 3, offloads off) within one per cent. Denied: nothing arrives
# there. Printed as a table.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=tests/lib/tap.sh
. "$here/../../lib/tap.sh"
# shellcheck source=tests/vm/lib/peer.sh
. "$here/../lib/peer.sh"
# shellcheck source=tests/vm/lib/daemon.sh
. "$here/../lib/daemon.sh"

BIN=/run/scenarios
PROGRAMS=$VM_TOP/tests/vm/programs
SCRIPT=$PROGRAMS/scenarios.py
STREAM_IN=8001 DATAGRAM_IN=8002
URING='inline worker sqpoll'

programs_of_both() {
  local who
  programs good bad || return 1
  for who in good bad; do
    cp "$VM_BUILD/tests/vm/programs/uring" "$BIN/$who-uring"
  done
}

# No packet of several segments on the way, on either side.
offloads_off() {
  ip link set eth0 gso_max_segs 1 && peer_run ip link set eth0 gso_max_segs 1
}

settings() {
  modprobe -a sctp dccp_ipv4 2>/dev/null
  sysctl -qw net.ipv4.ping_group_range='0 2147483647' net.ipv4.tcp_fastopen=3 &&
    peer_run sysctl -qw net.ipv4.tcp_fastopen=3 net.ipv4.icmp_echo_ignore_broadcasts=1
}

# An MPTCP connection to the peer gets a second subflow, to its other address.
subflows() {
  ip mptcp limits set subflows 2 add_addr_accepted 2 &&
    peer_run ip mptcp limits set subflows 2 add_addr_accepted 2 &&
    peer_run ip mptcp endpoint add 192.0.2.3 dev eth0 signal
}

port_of() { awk -v name="$1" '$1 == name { print $4 }' "$BIN/list"; }

counters() {
  peer_run nft -f - <<'END'
table inet scenarios {
  set in_to { type inet_proto . inet_service; flags dynamic,timeout; gc-interval 1h; size 65535; counter; }
  set in_from { type inet_proto . inet_service; flags dynamic,timeout; gc-interval 1h; size 65535; counter; }
  set out_to { type inet_proto . inet_service; flags dynamic,timeout; gc-interval 1h; size 65535; counter; }
  set out_from { type inet_proto . inet_service; flags dynamic,timeout; gc-interval 1h; size 65535; counter; }
  set in_other { typeof ip daddr . meta l4proto; flags dynamic; size 1024; counter; }
  set out_other { typeof ip saddr . meta l4proto; flags dynamic; size 1024; counter; }
  set in_other6 { typeof ip6 daddr . meta l4proto; flags dynamic; size 1024; counter; }
  set out_other6 { typeof ip6 saddr . meta l4proto; flags dynamic; size 1024; counter; }
  chain arrives {
    type filter hook prerouting priority -500;
    iif lo return
    meta l4proto { tcp, udp, sctp, dccp, udplite } add @in_to { meta l4proto . th dport }
    meta l4proto { tcp, udp, sctp, dccp, udplite } add @in_from { meta l4proto . th sport }
    icmp type { echo-request, echo-reply } add @in_other { ip daddr . meta l4proto }
    ip protocol { 253, 254 } add @in_other { ip daddr . meta l4proto }
    icmpv6 type { echo-request, echo-reply } add @in_other6 { ip6 daddr . meta l4proto }
    ip6 nexthdr 253 add @in_other6 { ip6 daddr . meta l4proto }
  }
  chain leaves {
    type filter hook postrouting priority 500;
    oif lo return
    meta l4proto { tcp, udp, sctp, dccp, udplite } add @out_to { meta l4proto . th dport }
    meta l4proto { tcp, udp, sctp, dccp, udplite } add @out_from { meta l4proto . th sport }
    icmp type { echo-request, echo-reply } add @out_other { ip saddr . meta l4proto }
    icmpv6 type { echo-request, echo-reply } add @out_other6 { ip6 saddr . meta l4proto }
  }
}
END
}

counters_read() {
  peer_run nft -n -j list table inet scenarios |
    sed 's/"\(in\|out\)_other6"/"\1_other"/g' >"$BIN/$1"
}

counters_reset() {
  local set
  for set in in_to in_from out_to out_from in_other out_other in_other6 out_other6; do
    echo "flush set inet scenarios $set"
  done | peer_run nft -f -
}

# What is run, one a line; the last word of those that the peer begins.
list() {
  "$BIN/good" "$SCRIPT" list
  local how port=8100
  for how in $URING; do
    echo "uring-$how tcp 192.0.2.2 $((++port))"
  done
  echo "tcp-in tcp 192.0.2.2 $STREAM_IN inbound"
  echo "udp-in udp 192.0.2.2 $DATAGRAM_IN inbound"
}

serve() {
  peer_run python3 "$PROGRAMS/scenarios_peer.py" serve <"$BIN/list" \
    >"$BIN/serve" 2>>"$BIN/serve.log" &
  eventually 'the peer serves' 60 grep -q ready "$BIN/serve"
}

say() { # NAME COMMAND...
  local name=$1
  shift
  if "$@" >"$BIN/output" 2>&1 </dev/null; then
    echo "$name done"
  elif [ $? = 77 ]; then
    echo "$name absent: $(tail -n 1 "$BIN/output")"
  else
    echo "$name failed: $(tail -n 1 "$BIN/output")"
  fi
}

inbound() { # WHO
  "$BIN/$1" "$SCRIPT" listen "$STREAM_IN" "$DATAGRAM_IN" </dev/null >/dev/null 2>&1 &
  local listener=$! tries=0
  until grep -q "$(printf ':%04X ' "$DATAGRAM_IN")" /proc/net/udp; do
    tries=$((tries + 1))
    [ "$tries" -lt 300 ] || break
    sleep 0.1
  done
  say tcp-in peer_run python3 "$PROGRAMS/scenarios_peer.py" tcp 192.0.2.1 "$STREAM_IN"
  say udp-in peer_run python3 "$PROGRAMS/scenarios_peer.py" udp 192.0.2.1 "$DATAGRAM_IN"
  kill "$listener"
  wait "$listener" 2>/dev/null
}

# All of it by WHO; sockets that change hands are opened by the OTHER.
run_all() { # WHO OTHER
  local how name port=8100
  PEER_MAC=$(peer_run ip -o link show dev eth0 | sed 's/.*ether \([^ ]*\).*/\1/')
  export PEER_MAC
  "$BIN/$1" "$SCRIPT" all </dev/null 2>"$BIN/errors"
  for name in inherited passed; do
    "$BIN/$2" "$SCRIPT" open "$BIN/$1" "$name" </dev/null 2>>"$BIN/errors"
  done
  for how in $URING; do
    say "uring-$how" timeout 120 "$BIN/$1-uring" "$how" 192.0.2.2 $((++port)) 50000
  done
  inbound "$1"
}

# What has a connection that goes on after its program is in no record yet.
all_ended() { [ "$(fill flows)" = 0 ]; }

log_read() { sallyport log --all --json -n 1000 >"$BIN/log"; }

# Dropped behind the hook, which has counted them.
too_long() {
  awk '/^Ip:/ && !names { names = split($0, column); next }
    /^Ip:/ { for (i = 1; i <= names; i++) if (column[i] == "FragFails") print $i }' /proc/net/snmp
}

# Records come in their own time.
log_is_whole() {
  local before
  before=$(wc -l <"$BIN/log")
  sleep 1
  log_read && [ "$(wc -l <"$BIN/log")" = "$before" ]
}

ok 'the peer is there' peer_up echo
ok 'the programs are there' programs_of_both
ok 'offloads are off' offloads_off
ok 'the sockets that are tried may be had' settings
ok 'MPTCP has two ways' subflows
ok 'the peer counts bytes' counters
ok 'a bus' bus_up
ok 'the daemon protects' daemon_start
for who in good good-uring; do
  sallyport rules add "allow out program $BIN/$who" >/dev/null
done
ok 'one program may send' sallyport rules add "allow in program $BIN/good"
for who in bad bad-uring; do
  sallyport rules add "deny out program $BIN/$who" >/dev/null
done
ok 'the other may not' sallyport rules add "deny in program $BIN/bad"
list >"$BIN/list"
serve

counters_reset
before=$(too_long)
run_all good bad >"$BIN/ran"
refused=$(($(too_long) - before))
diag "packets that the device did not take: $refused"
eventually 'all flows have ended' 60 all_ended || diag "$(sallyport connections --all)"
counters_read allowed
log_read
eventually 'there are records of them' 30 log_is_whole
counters_reset
run_all bad good >"$BIN/ran-denied"
counters_read denied
unlike 'nothing of what is denied is done' "$(grep -vE '^(multicast|broadcast|closed-at-once|brief)' "$BIN/ran-denied")" ' done'

"$BIN/good" "$PROGRAMS/scenarios_table.py" "$BIN/list" "$BIN/ran" "$BIN/log" "$BIN/allowed" \
  "$BIN/denied" "$refused" "$BIN/good" "$BIN/good-uring" 2>"$BIN/results"
status=$?
is 'the table is whole' "$status" 0
while read -r result name; do
  case $result in
    pass) pass "$name" ;;
    skip) skip "$name" 'not in this kernel' ;;
    *) fail "$name" ;;
  esac
done <"$BIN/results"
# A further subflow is judged by itself: where it goes may be denied.
port=$(port_of mptcp-subflows)
ok 'to its other address the program may not' sallyport rules add \
  "deny out program $BIN/good to 192.0.2.3 protocol tcp port $port"
before=$(peer_syn_count "$port" 192.0.2.3)
like 'it gets no further subflow' "$("$BIN/good" "$SCRIPT" one mptcp-subflows)" 'no further subflow'
is 'nothing of one arrives there' "$(peer_syn_count "$port" 192.0.2.3)" "$before"
cmp_ok 'though one did before' "$before" -ge 1

# So is one that an accepted connection begins, to where its client says that it is, too.
second_way() {
  peer_address 192.0.2.4/24 && peer_run ip mptcp endpoint flush &&
    peer_run ip mptcp endpoint add 192.0.2.4 port 10100 dev eth0 signal
}

mptcp_figures() {
  awk '
    $1 == "MPTcpExt:" && !n { n = split($0, name); next }
    $1 == "MPTcpExt:" { for (i = 2; i <= n; i++) if ($i) printf "%s=%s ", name[i], $i; print "" }'
}

mptcp_listens() { grep -q listens "$BIN/accepted"; }

# Once; what the program says of the connection is in a file. Not every kernel begins one
# each time: what it hears of the address before it has data of the other side it forgets.
accept_mptcp() { # PORT
  : >"$BIN/accepted"
  "$BIN/good" "$SCRIPT" mptcp "$1" </dev/null >"$BIN/accepted" 2>>"$BIN/errors" &
  local listener=$!
  until mptcp_listens || ! kill -0 "$listener"; do tap_pause; done
  peer_run python3 "$PROGRAMS/scenarios_peer.py" mptcp 192.0.2.1 "$1"
  wait "$listener"
}

begins_subflow() { accept_mptcp 8005 && grep -q 'further subflow' "$BIN/accepted"; }
is_refused_one() { accept_mptcp 8006 && [ "$(counter deny)" -gt "$denied" ]; }
begun() { sallyport log --all --json -n 1000 | grep '"remote": *"192.0.2.4"' | grep '"remote-port": *10100[,}]'; }
has_begun() { begun | grep -q '"event": *"ended"'; }

ok 'the peer has another address, where it waits' second_way
eventually 'a connection that came in begins a further subflow' 120 begins_subflow ||
  diag "$(begun; mptcp_figures </proc/net/netstat; echo there:; peer_run cat /proc/net/netstat | mptcp_figures)"
cmp_ok '  … which arrives' "$(peer_syn_count 10100 192.0.2.4)" -ge 1
eventually '  … and has a record' 60 has_begun
unlike '  … of nobody else' "$(begun | grep -v "\"program\": *\"$BIN/good\"")" remote
ok 'there the program may not' sallyport rules add "deny out program $BIN/good to 192.0.2.4"
before=$(peer_syn_count 10100 192.0.2.4) denied=$(counter deny)
eventually '  … what is begun is refused' 120 is_refused_one
is '  … and does not arrive' "$(peer_syn_count 10100 192.0.2.4)" "$before"

cp "$BIN/ran" "$BIN/ran-denied" "$BIN/log" "$BIN/errors" "$BIN/serve.log" "$BIN/allowed" "$BIN/denied" "$BIN/results" "$VM_RESULTS/"

tap_done
