#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vm: --smp 1 --no-daemon
#
# A program keeps its socket locked in the kernel, by sending from a page that never
# comes, while its connection is to be ended. Nobody waits for it: who changes the
# policy hears back, others are decided, their connections are ended.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=tests/lib/tap.sh
. "$here/../../lib/tap.sh"
# shellcheck source=tests/vm/lib/peer.sh
. "$here/../lib/peer.sh"
# shellcheck source=tests/vm/lib/daemon.sh
. "$here/../lib/daemon.sh"
# shellcheck source=tests/vm/lib/witness.sh
. "$here/../lib/witness.sh"

PATIENCE=${PATIENCE:-60}

says() { grep -qx "$1" "$DAEMON_DIR/locker"; }

rules() { timeout $((PATIENCE * VM_PACE)) sallyport rules "$@"; }

cp "$VM_BUILD/tests/vm/attack/keep_locked" /opt/keep_locked
ok 'the peer is there' peer_up http
ok 'and a witness' witness_up
talker ann
ok 'a bus is there' bus_up
daemon_configure <<'END'
[policy]
default-out=deny
END
ok 'the daemon protects' daemon_start
ok 'one program is allowed' rules add "allow out program $TALK/ann"
ok 'and another' rules add 'allow out program /opt/keep_locked'

talk victim ann TCP:192.0.2.3:9001
eventually 'a connection is open' "$PATIENCE" hears 9001
/opt/keep_locked 192.0.2.2 9002 >"$DAEMON_DIR/locker" 2>&1 &
locker=$!
eventually 'another is open and locked' "$PATIENCE" says locked
eventually 'its word arrived' "$PATIENCE" hears 9002

ok 'a rule against the locked one is in force' \
  rules add 'deny out program /opt/keep_locked to 192.0.2.2'
ok 'it is locked still' kill -0 "$locker"
ok 'a new connection is decided' talk_once ann TCP:192.0.2.2:9003
ok 'a rule against the other one is in force' rules add "deny out program $TALK/ann to 192.0.2.3"
ended_by_error 'its connection ends' victim
eventually 'on the other side with a reset' "$PATIENCE" is_reset 9001

since=$EPOCHREALTIME
kill -KILL "$locker"
wait "$locker"
ok 'the module is unloaded' rmmod sallyport
is 'nothing more of the locked one ever arrived' "$(heard 9002 "$since")" 0

tap_done
