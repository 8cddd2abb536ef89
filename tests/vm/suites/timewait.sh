#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vm: --no-daemon
#
# A peer connects again, from the same port, while the last connection is in
# TIME_WAIT here. Its SYN is for the listener, and judged as that: when the listener
# may not be connected to any more, it is refused.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=tests/lib/tap.sh
. "$here/../../lib/tap.sh"
# shellcheck source=tests/vm/lib/peer.sh
. "$here/../lib/peer.sh"
# shellcheck source=tests/vm/lib/daemon.sh
. "$here/../lib/daemon.sh"

PROGRAMS=$VM_TOP/tests/vm/programs
PORT=8003 FROM=50123
rule() { sallyport rules add "$1" >>"$DAEMON_DIR/rules"; }
again() { peer_run python3 "$PROGRAMS/scenarios_peer.py" from "$FROM" 192.0.2.1 "$PORT"; }

# In the kernel's own list, with both ports.
is_in_timewait() {
  awk -v own="$(printf ':%04X$' "$PORT")" -v from="$(printf ':%04X$' "$FROM")" '
    $2 ~ own && $3 ~ from && $4 == "06" { found = 1 }
    END { exit !found }' /proc/net/tcp
}

listens() { grep -q "$(printf ':%04X 00000000:0000 0A' "$PORT")" /proc/net/tcp; }

ok 'the peer is there' peer_up echo
ok 'a bus' bus_up
ok 'the daemon protects' daemon_start
ok 'a listener may be connected to' rule "allow in program $(readlink -f /usr/bin/python3)"
/usr/bin/python3 "$PROGRAMS/scenarios.py" close "$PORT" </dev/null >/dev/null 2>&1 &
listener=$!
eventually 'it listens' 60 listens
ok 'a connection, that the listener closes' again
ok 'is in TIME_WAIT' is_in_timewait
ok 'from the same port another one is possible' again
ok 'which is in TIME_WAIT' is_in_timewait
ok 'the listener may not be connected to any more' rule \
  "deny in program $(readlink -f /usr/bin/python3) protocol tcp port $PORT"
ok 'it is in TIME_WAIT still' is_in_timewait
fails 'from the same port nothing is possible any more' again
cmp_ok 'and that has a reason' "$(counter deny)" -ge 1
ok 'without that rule' sallyport rules remove "$(tail -n 1 "$DAEMON_DIR/rules")"
ok 'it is possible again' again
kill "$listener"

tap_done
