#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vm: --desktop --timeout 900
# part: long
#
# The rules manager on a real screen, with the real firewall: alice's curl downloads,
# she sees it and how fast it is, and denies it with one click of the mouse, which ends
# it. She reads as a screen reader does; the click comes from outside the machine.
# Believed are curl's exit status, what the peer's device counts, and the peer's own
# list of connections.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=tests/lib/tap.sh
. "$here/../../lib/tap.sh"
# shellcheck source=tests/vm/lib/peer.sh
. "$here/../lib/peer.sh"
# shellcheck source=tests/vm/lib/asking.sh
. "$here/../lib/asking.sh"
# shellcheck source=tests/vm/lib/screen.sh
. "$here/../lib/screen.sh"

PATIENCE=120 # for what waits for an event; nothing is judged by it
PORT=9000
SPEED=400000 # bytes a second that the peer pours
LOOKS=20     # of which each shows the last second's rate

manager_up() {
  as_alice mkdir -p /home/alice/.config/sallyport &&
    as_alice touch /home/alice/.config/sallyport/welcomed || return 1
  as_alice env "WAYLAND_DISPLAY=$DESKTOP_SOCKET" GDK_BACKEND=wayland GSK_RENDERER=cairo \
    sallyport-gui --page connections >"$VM_RESULTS/manager.log" 2>&1 </dev/null 7>&- &
  manager=$!
}

eyes_up() {
  coproc EYES { as_alice /usr/bin/python3 -W ignore "$here/../../gui/eyes.py" sallyport-gui 7>&-; }
  exec 5<&"${EYES[0]}" 6>&"${EYES[1]}"
}

# eyes COMMAND: what there is to see, as JSON. Each answer is waited for: the next
# command would get it else. Emulated eyes take half a minute for a whole window.
eyes() {
  local answer
  echo "$*" >&6
  read -r -t 300 answer <&5 && printf '%s\n' "$answer"
}

can_press() { # NAME
  [[ $(eyes "[\"where\", \"Sallyport\", \"push button\", \"$1\"]") = *'"reply": ['* ]]
}

# In bytes a second, what the line of curl says that comes in.
rate_of() {
  python3 -c '
import json, re, sys
units = {"bytes": 1, "byte": 1, "kB": 1e3, "MB": 1e6, "GB": 1e9}
text = json.load(sys.stdin).get("reply") or ""
found = re.search(r"^1 connection · ↑ [0-9.]+ \w+/s ↓ ([0-9.]+) (\w+)/s$", text)
print(int(float(found[1]) * units[found[2]]) if found else 0)'
}

rate_is_seen() { [ "$(eyes '["watch", "Sallyport", "1 connection ·"]' | rate_of)" -gt 0 ]; }

# The middle of a button, on the screen: where in the window, by the window's own word;
# where the window is, by what the screen shows.
clicks() { # NAME
  local place left top
  place=$(eyes "[\"where\", \"Sallyport\", \"push button\", \"$1\"]" |
    python3 -c 'import json, sys; x, y, w, h = json.load(sys.stdin)["reply"]; print(x + w // 2, y + h // 2)') &&
    read -r _ left top _ <<<"$(hand find)" || return 1
  diag "$1: at $place in the window at $left $top"
  hand click $((left + ${place% *})) $((top + ${place#* })) >/dev/null
}

# What left the peer for us, in bytes, and now in microseconds.
peer_sent() { peer_run cat /proc/net/dev | awk '$1 == "eth0:" { print $10 }'; }
now() { echo "${EPOCHREALTIME/./}"; }

peer_has_connection() { # of that port, established there
  awk -v port="$(printf ':%04X' "$PORT")" \
    'substr($2, length($2) - 4) == port && $4 == "01" { found = 1 } END { exit !found }' \
    "/proc/$(peer_pid)/net/tcp" "/proc/$(peer_pid)/net/tcp6"
}

peer_has_none() { ! peer_has_connection; }

program_has_ended() { ! kill -0 "$program" 2>/dev/null; }

# What the rest hangs on: without it, "it has ended" would be true of nothing.
give_up() {
  diag "$*"
  tap_done
  exit 1
}

ok 'alice sits at the machine' seat_ready || give_up 'nobody does'
ok 'the peer is there' peer_up http
peer_serve pour "$here/../lib/pour.py" "$PORT" "$SPEED"
ok 'and pours' peer_wait_listens tcp "$PORT"
eventually 'the daemon protects' "$PATIENCE" daemon_ready
ok 'her desktop is on the screen' desktop_up alice ||
  give_up "$(tail -n 30 "$VM_RESULTS/weston-alice.log")"
# weston's seat has a pointer from its first move on; a program that hears of it only then
# misses the press.
ok 'her mouse is there' hand click 5 5
ok 'curl may' sallyport rules add allow out program /usr/bin/curl owner alice

# --- seen ---------------------------------------------------------------------------

as_alice curl --silent --show-error --output /dev/null "http://192.0.2.2:$PORT/" \
  >/tmp/program 2>&1 </dev/null 7>&- &
program=$!
manager_up
eyes_up
eventually 'the manager is there, and lists curl' "$PATIENCE" can_press 'Deny: curl' ||
  give_up "$(tail -n 30 "$VM_RESULTS/manager.log")"
eventually 'with a rate' "$PATIENCE" rate_is_seen || give_up 'no rate'

# Looks one after the other: together they are the whole time's.
before=$(peer_sent) begin=$(now) sum=0 looks=0
while [ "$looks" -lt "$LOOKS" ]; do
  sum=$((sum + $(eyes '["again"]' | rate_of))) looks=$((looks + 1))
  sleep 0.5
done
counted=$((($(peer_sent) - before) * 1000000 / ($(now) - begin)))
shown=$((sum / looks))
diag "shown: $shown bytes a second; counted at the peer: $counted"
hand picture manager-download >/dev/null
cmp_ok 'the peer pours all the time' "$counted" -ge $((SPEED / 2))
cmp_ok 'the rate is right, within a tenth: not less' $((shown * 10)) -ge $((counted * 9))
cmp_ok 'and not more' $((shown * 10)) -le $((counted * 11))

# --- denied -------------------------------------------------------------------------

ok 'it runs' peer_has_connection
ok 'and curl waits for more' kill -0 "$program"
ok 'one click on Deny' clicks 'Deny: curl'
hand picture manager-clicked >/dev/null
eventually 'ends curl' "$PATIENCE" program_has_ended || {
  hand picture manager-not-ended >/dev/null
  kill "$program"
  give_up "$(sallyport rules list; sallyport connections; tail -n 30 "$VM_RESULTS/manager.log")"
}
wait "$program"
isnt 'which fails' $? 0
diag "curl: $(cat /tmp/program)"
eventually 'and the connection at the peer' "$PATIENCE" peer_has_none
ok 'the rule is alice'"'"'s' has_rule 'deny out program /usr/bin/curl'
hand picture manager-denied >/dev/null
peer_count_reset
status_is 'another one is refused' 7 as_alice curl --silent --max-time 60 http://192.0.2.2/
is 'and nothing arrives' "$(peer_syn_count 80)" 0

exec 5<&- 6>&-
kill "$manager"
tap_done
