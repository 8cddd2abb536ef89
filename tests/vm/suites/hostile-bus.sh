#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# part: long
# vm: --smp 1 --systemd --seat --timeout 1200
#
# alice calls every method with any arguments, as fast as she can, while bob's programs
# make connections that the daemon decides one by one: none is refused, the daemon is the
# same process and has not grown. How much longer the slowest of them take is printed,
# beside what other work on the machine's two processors costs: calls to the bus itself.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=tests/lib/tap.sh
. "$here/../../lib/tap.sh"
# shellcheck source=tests/vm/lib/peer.sh
. "$here/../lib/peer.sh"
# shellcheck source=tests/vm/lib/asking.sh
. "$here/../lib/asking.sh"
# shellcheck source=tests/vm/lib/attack.sh
. "$here/../lib/attack.sh"

PATIENCE=60
ROUNDS=3
FLOWS=34      # in a round
GROWTH=20480  # kB that the daemon may have more
calls=$ATTACK/attack.py

resident() { awk '/^VmRSS/ { print $2 }' "/proc/$daemon/status"; }

# Each curl is another process, and the rule looks at its parent: so the daemon decides.
connections() { # FILE
  # shellcheck disable=SC2016
  vm-as bob bash -c 'for ((i = 0; i < $1; i++)); do
    curl --silent --output /dev/null --max-time 20 --write-out "%{time_connect} %{exitcode}\n" \
      http://192.0.2.2/
  done' connections "$FLOWS" >>"$1"
}

# beside WORK FILE: while WORK goes on, over and over.
beside() {
  local work
  "$1" &
  work=$!
  connections "$2"
  kill "$work"
  wait "$work"
} 2>/dev/null

any_calls() {
  local seed=$((round * 1000))
  trap 'pkill -P $BASHPID' EXIT
  while :; do
    seed=$((seed + 1))
    as_alice "$calls" random "$seed" 3 >>"$ATTACK/calls" &
    wait $!
  done
}

bus_calls() {
  trap 'pkill -P $BASHPID' EXIT
  as_alice python3 -c '
from gi.repository import Gio
bus = Gio.bus_get_sync(Gio.BusType.SYSTEM)
while True:
    bus.call_sync("org.freedesktop.DBus", "/", "org.freedesktop.DBus", "ListNames", None,
                  None, 0, -1, None)' &
  wait $!
}

# slowest FILE: the 99th percentile, in microseconds.
slowest() {
  sort -n "$1" | awk '{ all[NR] = $1 } END { printf "%d\n", all[int(NR * 0.99)] * 1000000 }'
}

# All but an agent's.
methods_of_daemon() {
  sed '/interface name=".*Agent"/,/<.interface>/d' "$VM_TOP/data/org.sallyport.Firewall1.xml" |
    grep -c '<method name'
}

failed() { grep -vc ' 0$' "$1"; }

ok 'alice sits at the machine' seat_ready
ok 'the peer and its servers are there' peer_up http
ok 'the tools of the attacks are there' attack_tools
cp "$VM_TOP/tests/bus/attack.py" "$calls" && chmod 755 "$calls"
eventually 'the daemon protects' "$PATIENCE" daemon_ready
ok 'root allows what bash starts' \
  sallyport rules add 'allow out program /usr/bin/curl parent /usr/bin/bash to 192.0.2.2'
daemon=$(systemctl show -P MainPID sallyportd)
connections "$ATTACK/warm"
is 'it is allowed' "$(failed "$ATTACK/warm")" 0
before=$(upcalls) memory=$(resident)

for ((round = 0; round < ROUNDS; round++)); do
  connections "$ATTACK/quiet"
  beside bus_calls "$ATTACK/busy"
  beside any_calls "$ATTACK/called"
done

is 'with nothing beside, no connection fails' "$(failed "$ATTACK/quiet")" 0
is 'nor while the daemon is called' "$(failed "$ATTACK/called")" 0
ok 'the daemon has decided each' [ "$(($(upcalls) - before))" -ge $((3 * ROUNDS * FLOWS)) ]
methods=$(cut -d' ' -f1 "$ATTACK/calls" | sort -u | wc -l)
diag "$(wc -l <"$ATTACK/calls") times a method was called with three sets of arguments, $methods methods"
is 'every method was called' "$methods" "$(methods_of_daemon)"
is 'it is the same process' "$(systemctl show -P MainPID sallyportd)" "$daemon"
ok 'it protects' daemon_ready
grown=$(($(resident) - memory))
diag "it has grown by $grown kB"
cmp_ok 'it has not grown' "$grown" -le "$GROWTH"
quiet=$(slowest "$ATTACK/quiet") busy=$(slowest "$ATTACK/busy") called=$(slowest "$ATTACK/called")
diag "99 of 100 connections in: $quiet µs, beside calls of the bus $busy, of the daemon $called:"
diag "$(awk -v a="$called" -v b="$busy" -v c="$quiet" \
  'BEGIN { printf "%.2f of that beside the bus, %.2f of that with nothing beside", a / b, a / c }')"

tap_done
