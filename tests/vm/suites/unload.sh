#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vm: --no-daemon
#
# Death and unloading while packets wait: what was held does not leak through, the
# kernel has nothing to warn about, and everything goes on when the module is gone.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=tests/lib/tap.sh
. "$here/../../lib/tap.sh"
# shellcheck source=tests/vm/lib/peer.sh
. "$here/../lib/peer.sh"
# shellcheck source=tests/vm/lib/pace.sh
. "$here/../lib/pace.sh"
# shellcheck source=tests/vm/lib/namespaces.sh
. "$here/../lib/namespaces.sh"

# The verdict thread alone, under a policy that leaves every TCP flow to a person
# whom nobody asks.
serve_start() {
  coproc serve { exec "$VM_BUILD/tests/bench/serve_policy" deny 'ask out protocol tcp' 2>&1; }
  # shellcheck disable=SC2154 # made by coproc
  daemon=$serve_PID
  read -r -t 30 word <&"${serve[0]}" && [ "$word" = ready ]
}

# Packets that wait in any queue.
waiting() { awk '{ sum += $3 } END { print sum + 0 }' /proc/net/netfilter/nfnetlink_queue; }

some_wait() { [ "$(waiting)" -ge 1 ]; }

fetch() { curl --silent --show-error --max-time 60 "http://192.0.2.2/"; }

begin() {
  "$@" >/dev/null 2>&1 </dev/null &
  program=$!
}

ok 'the peer and its servers are there' peer_up http
peer_count_reset

ok 'a daemon decides' serve_start
begin fetch
eventually 'a packet waits for a person' 30 some_wait
ok 'the daemon is killed' kill -KILL "$daemon"
wait "$program"
is 'the held connection fails: unknown flows are refused without a daemon' $? 7
is 'and did not leak through' "$(peer_syn_count 80)" 0

wait "$daemon"
ok 'a daemon decides again' serve_start
begin fetch
eventually 'a packet waits again' 30 some_wait
ok 'the module is unloaded with a packet in its queue' rmmod sallyport
is 'the packet was dropped' "$(waiting)" 0
wait "$program"
is "the connection's next segment goes through" $? 0
fails 'the module is gone' test -d /sys/module/sallyport

for round in 1 2 3; do
  ok "load $round" insmod "$VM_MODULE"
  status_is 'refused while it is loaded' 7 fetch
  ok "unload $round" rmmod sallyport
  ok 'passed when it is not' fetch
done

# --- packets wait in several namespaces ------------------------------------------------

NAMESPACES=$(fewer 50)
WAITING_IN='n1 n10 n20 n30 n40 n50' # a program may have eight flows waiting

# Started so that its number is the program's own.
begin_in_namespaces() {
  local name
  programs=()
  for name in $WAITING_IN; do
    nsenter "--net=/run/netns/$name" timeout 120 bash -c ': </dev/tcp/198.51.100.2/80' \
      >"/run/program.$name" 2>&1 </dev/null &
    programs+=("$!")
  done
}

# wait_in_namespaces OP N: it is so in each.
wait_in_namespaces() {
  local name
  for name in $WAITING_IN; do
    test "$(namespace_waiting "$name")" "$1" "$2" || { echo "not in $name" && return 1; }
  done
}

end_programs() {
  kill "${programs[@]}"
  wait "${programs[@]}"
  return 0
}

ok "$NAMESPACES namespaces are made" namespaces_make "$NAMESPACES"
ok 'the module is loaded' insmod "$VM_MODULE"
ok 'a daemon decides' serve_start
begin_in_namespaces
eventually 'packets wait in six of them' 120 wait_in_namespaces -ge 1
ok 'the module is unloaded' rmmod sallyport
ok 'what waited was dropped' wait_in_namespaces -eq 0
end_programs

wait "$daemon"
ok 'the module is loaded again' insmod "$VM_MODULE"
ok 'and a daemon decides' serve_start
begin_in_namespaces
eventually 'packets wait in them again' 120 wait_in_namespaces -ge 1
ok 'the namespaces lose their names, then their programs' ip -all netns delete
end_programs
ok 'the module is unloaded while the last of them go' rmmod sallyport

tap_done
