#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vm: --no-daemon --timeout 300
# part: long
#
# Rules with an end, while the clock is set and the daemon is away: they end when their
# time has come, however it came. Believed are curl's exit status and
# what arrives at the peer.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=tests/lib/tap.sh
. "$here/../../lib/tap.sh"
# shellcheck source=tests/vm/lib/peer.sh
. "$here/../lib/peer.sh"
# shellcheck source=tests/vm/lib/daemon.sh
. "$here/../lib/daemon.sh"

PATIENCE=60

in_seconds() { date --utc --date "@$(($(date +%s) + $1))" +%Y-%m-%dT%H:%M:%SZ; }
add() { sallyport rules add allow out program /usr/bin/curl until "$(in_seconds "$1")"; }
fetch() { curl --silent --show-error --output /dev/null --max-time 20 http://192.0.2.2/; }
# A rule about curl is there.
has_rule() { sallyport rules list --json | grep -q 'program /usr/bin/curl'; }
has_none() { ! has_rule; }
refused() {
  local before
  before=$(peer_syn_count 80)
  status_is "$1" 7 fetch
  is "$1: nothing arrived" "$(peer_syn_count 80)" "$before"
}
turn_clock() { date --set "@$(($(date +%s) + $1))" >/dev/null; }

ok 'the peer is there' peer_up http
ok 'the bus is there' bus_up
daemon_configure <<'END'
[policy]
default-out=deny
END
ok 'the daemon protects' daemon_start

ok 'a rule for an hour' add 3600
ok 'it holds' fetch
ok 'the clock is set back by a day' turn_clock -86400
ok 'it still holds' fetch
ok 'forward again, and two hours more' turn_clock 93600
eventually 'then it has ended' "$PATIENCE" has_none
refused 'and nobody may any more'

ok 'another rule for an hour' add 3600
ok 'it holds, too' fetch
daemon_kill
ok 'while the daemon is away the clock is set' turn_clock 7200
ok 'the daemon again' daemon_start
eventually 'it has ended' "$PATIENCE" has_none
refused 'at its start'

daemon_kill
tap_done
