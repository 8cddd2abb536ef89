#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vm: --no-daemon --timeout 600
# part: long
#
# Rules with an end, while the clock is set, the daemon is away and the machine sleeps:
# they end when their time has come, however it came. Believed are curl's exit status and
# what arrives at the peer.
#
# Of the sleep there is what it does to the clocks (tests/vm/asleep): the machine itself
# can't wake, for its root is over 9p, which virtio does not freeze.

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
APP=/sys/fs/cgroup/app
# What curl fetches as a part of the application.
app_fetch() { (echo "$BASHPID" >"$APP/cgroup.procs" && fetch); }
# wake_after SECONDS
wake_after() { insmod "$VM_ASLEEP" seconds="$1" && rmmod asleep; }
# Seconds that the machine has slept since it was started.
slept() {
  python3 -c 'from time import *
print(int(clock_gettime(CLOCK_BOOTTIME) - clock_gettime(CLOCK_MONOTONIC)))'
}
# A connection of curl's that stays open.
stay_connected() {
  mkfifo /run/line
  sleep infinity >/run/line &
  sleeper=$!
  curl --silent --no-buffer telnet://192.0.2.2:7 </run/line >/dev/null 2>&1 &
}
# At the peer.
connections() { peer_run ss -Htn state established '( sport = :7 )' | wc -l; }
is_connected() { [ "$(connections)" = 1 ]; }
is_not_connected() { [ "$(connections)" = 0 ]; }
turn_clock() { date --set "@$(($(date +%s) + $1))" >/dev/null; }

ok 'the peer is there' peer_up http echo
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

ok 'an application begins' mkdir "$APP"
ok 'a rule until it quits' sallyport rules add allow out program /usr/bin/curl \
  cgroup "$(stat --format %i "$APP")" until quit
ok 'it holds for the application' app_fetch
refused 'not for others'
ok 'as long as it is there' has_rule
ok 'it quits' rmdir "$APP"
eventually 'the rule is gone' "$PATIENCE" has_none

before=$(slept)
ok 'a rule for an hour again' add 3600
ok 'it holds as well' fetch
stay_connected
eventually 'a connection of it is open' "$PATIENCE" is_connected
ok 'the machine wakes after half an hour' wake_after 1800
ok 'so its clocks say' test "$(slept)" -ge $((before + 1799))
ok 'it still holds' fetch
ok 'the connection is still open' is_connected
ok 'the machine wakes after another hour' wake_after 3600
refused 'when it wakes, at once'
eventually 'the open connection has ended' "$PATIENCE" is_not_connected
eventually 'and the rule' "$PATIENCE" has_none
kill "$sleeper"

daemon_kill
tap_done
