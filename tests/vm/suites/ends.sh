#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# part: long
# vm: --no-daemon --timeout 600
#
# Nothing stays of what has ended: thousands of sockets that are closed, and
# processes that exit, right after they have sent, several at a time, so that ends
# are seen while an interrupt or another probe runs on the same processor. And ten
# thousand small connections.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=tests/lib/tap.sh
. "$here/../../lib/tap.sh"
# shellcheck source=tests/vm/lib/peer.sh
. "$here/../lib/peer.sh"
# shellcheck source=tests/vm/lib/pace.sh
. "$here/../lib/pace.sh"
# shellcheck source=tests/vm/lib/daemon.sh
. "$here/../lib/daemon.sh"

PROGRAM=$(readlink -f /usr/bin/python3)
WORKERS=4 SOCKETS=$(fewer 3000) PROCESSES=$(fewer 300) CONNECTIONS=$(fewer 2500) PORT=9009

# One datagram from each of many sockets, then from each of many processes.
BRIEF='
import os, socket, sys
def send():
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.connect(("192.0.2.2", 9))
    sock.send(b"x")
    sock.close()
for _ in range(int(sys.argv[1])):
    send()
for _ in range(int(sys.argv[2])):
    child = os.fork()
    if not child:
        try:
            send()
        finally:
            os._exit(0)
    os.waitpid(child, 0)
'

# Each is answered, and ends.
SMALL='
import socket, sys
for _ in range(int(sys.argv[1])):
    sock = socket.create_connection(("192.0.2.2", int(sys.argv[2])), 20)
    sock.sendall(b"hello")
    if sock.recv(100) != b"hello":
        sys.exit(1)
    sock.close()
'

# So many workers at the same time; false if one of them fails.
at_once() { # COMMAND...
  local workers=() worker status=0
  for _ in $(seq "$WORKERS"); do
    "$@" </dev/null &
    workers+=($!)
  done
  for worker in "${workers[@]}"; do
    wait "$worker" || status=1
  done
  return "$status"
}

serve() {
  echo "small tcp 192.0.2.2 $PORT" |
    peer_run python3 "$VM_TOP/tests/vm/programs/scenarios_peer.py" serve >"$DAEMON_DIR/served" &
  eventually 'the peer serves' 60 grep -q ready "$DAEMON_DIR/served"
}

# Counted, and not answered: an error would come back to who still sends.
count_what_comes() {
  peer_run nft -f - <<'END'
table inet ends {
  chain in {
    type filter hook input priority 0
    udp dport 9 counter drop
  }
}
END
}

came() { peer_run nft list table inet ends | grep -oE 'packets [0-9]+' | cut -d ' ' -f 2; }
flows_are_gone() { [ "$(fill flows)" = 0 ]; }
records_are_gone() { [ "$(fill owners)" -le "$owners" ]; }

ok 'the peer is there' peer_up echo
ok 'it counts' count_what_comes
ok 'a bus' bus_up
ok 'the daemon protects' daemon_start
ok 'the program may send' sallyport rules add "allow out program $PROGRAM"
ok 'its first is decided' "$PROGRAM" -c "$BRIEF" 1 0
serve # whose socket has a record as well
owners=$(fill owners)
ok 'all send' at_once "$PROGRAM" -c "$BRIEF" "$SOCKETS" "$PROCESSES"
is 'all of it arrives' "$(came)" $((WORKERS * (SOCKETS + PROCESSES) + 1))
ok 'all connect, and are answered' at_once "$PROGRAM" -c "$SMALL" "$CONNECTIONS" "$PORT"
cmp_ok 'the peer saw each' "$(peer_syn_count "$PORT")" -ge $((WORKERS * CONNECTIONS))
eventually 'no flow stays' 60 flows_are_gone || diag "$(sallyport connections --all | head -n 20)"
eventually 'no record of a socket stays' 60 records_are_gone || diag "$(fill owners), was $owners"

tap_done
