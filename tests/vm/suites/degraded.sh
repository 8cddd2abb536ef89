#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# part: long
# vm: --no-daemon --timeout 1200
#
# A kernel that can't be watched everywhere: with each probe of the module left out in
# turn it loads, the daemon says what is missing, and who is not known never passes as
# somebody who is.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=tests/lib/tap.sh
. "$here/../../lib/tap.sh"
# shellcheck source=tests/vm/lib/peer.sh
. "$here/../lib/peer.sh"
# shellcheck source=tests/vm/lib/daemon.sh
. "$here/../lib/daemon.sh"

PROGRAMS=$VM_TOP/tests/vm/programs
BIN=/run/degraded
STREAM_IN=8001 DATAGRAM_IN=8002

# To a port of its own for each, so that the peer can say who came.
connects() { # WHO PORT
  timeout $((30 * VM_PACE)) "$BIN/$1" -c '
import socket, sys
sock = socket.create_connection(("192.0.2.2", int(sys.argv[1])), int(sys.argv[2]))
sock.sendall(b"hello")
sys.exit(sock.recv(5) != b"hello")' "$2" $((5 * VM_PACE)) 2>/dev/null
}

comes_in() { peer_run timeout $((30 * VM_PACE)) python3 "$PROGRAMS/scenarios_peer.py" tcp 192.0.2.1 "$STREAM_IN" 2>/dev/null; }
listens() { grep -q "$(printf ':%04X ' "$STREAM_IN")" /proc/net/tcp6; }
is_free() { ! listens; }

# Two processors may make a socket each of the same request, and one is in vain. Who sees
# neither begin takes the end of that for the connection's, and refuses what comes then.
comes_in_at_last() {
  local _
  for _ in 1 2 3 4 5; do
    comes_in && return
  done
  return 1
}

listener_begins() { # WHO
  "$BIN/$1" "$PROGRAMS/scenarios.py" listen "$STREAM_IN" "$DATAGRAM_IN" </dev/null >/dev/null 2>&1 &
  listener=$!
  eventually "$1 listens" 60 listens
}

listener_ends() {
  kill "$listener"
  wait "$listener" 2>/dev/null
  eventually 'its port is free' 30 is_free
}

is_up() { sallyport status --json 2>/dev/null | grep -qE '"state": *"(degraded|protecting)"'; }

begins_without() { # PROBES
  ok "without ${1:-nothing} it loads" insmod "$VM_MODULE" without_probes="$1"
  daemon_launch
  eventually 'the daemon is up' 120 is_up
}

ends() {
  kill "$daemon" && daemon_reap
  rmmod sallyport
}

says() { sallyport status | grep -qF -- "$1"; }

refused() { # NAME WHO: nothing of it arrives
  local before
  before=$(peer_syn_count 7)
  fails "$1" connects "$2" 7
  is 'nothing of it arrives' "$(peer_syn_count 7)" "$before"
}

# What is known as without it; but for who is known by nothing else.
without() { # PROBES WORDS [HOW]
  begins_without "$1"
  ok 'the daemon says so' says "$2"
  ok 'who may connects' connects good 7
  refused 'who may not does not' bad
  listener_begins good
  ok 'who may be connected to is' "${3:-comes_in}"
  listener_ends
  listener_begins bad
  fails 'who may not is not' comes_in
  listener_ends
  ok 'and unloads' ends
}

ok 'the peer is there' peer_up echo
ok 'the programs are there' programs good bad
ok 'a bus' bus_up
ok 'the module goes' rmmod sallyport
begins_without ''
ok 'nothing is missing' daemon_protects
ok 'one may connect' sallyport rules add "allow out program $BIN/good"
ok 'and be connected to' sallyport rules add "allow in program $BIN/good"
ok 'the other may not' sallyport rules add "deny out program $BIN/bad"
ok 'nor be connected to' sallyport rules add "deny in program $BIN/bad"
ok 'it goes again' ends

without inet_sock_set_state 'when connections change'
without security_socket_post_create,__inet_bind,__inet6_bind,inet_autobind 'when sockets are bound'
without security_inet_csk_clone 'when connections are accepted'
without inet_csk_accept,security_inet_csk_clone,__inet_inherit_port \
  'when connections are accepted' comes_in_at_last
without inet_sock_destruct 'when sockets end'
without security_mptcp_add_subflow,mptcp_sockopt_sync 'whose further MPTCP subflows are'

begins_without sched_process_exec
ok 'the daemon says so' says 'when programs are executed'
refused 'who may is not known any more' good
refused 'nor who may not' bad
listener_begins good
fails 'nor who may be connected to' comes_in
listener_ends
ok 'and unloads' ends
ok 'the module comes again' insmod "$VM_MODULE"

tap_done
