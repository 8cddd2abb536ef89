#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernel: debug
# vm: --no-daemon --smp 1 --timeout 600
#
# The kernel has no memory, at each place in turn: requests change what they say they
# changed, and no packet goes out that would not have gone with memory. Believed is what
# arrives at the peer. Only one thread's allocations fail, and another processor would be
# one more to wait for in each grace period of RCU.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=tests/lib/tap.sh
. "$here/../../lib/tap.sh"
# shellcheck source=tests/vm/lib/peer.sh
. "$here/../lib/peer.sh"
# shellcheck source=tests/vm/lib/failing.sh
. "$here/../lib/failing.sh"

sent() { sed -n 's/^sent //p' "$log"; }

# The verdict thread alone, under a policy.
serve_start() {
  coproc serve { exec "$VM_BUILD/tests/bench/serve_policy" "$@" 2>&1; }
  # shellcheck disable=SC2154 # made by coproc
  daemon=$serve_PID
  read -r -t 120 word <&"${serve[0]}" && [ "$word" = ready ]
}

serve_stop() {
  kill -KILL "$daemon"
  wait "$daemon"
  [ $? = 137 ]
}

ok 'the peer and its servers are there' peer_up http
ok 'allocations can be made to fail' prepare_failing

# --- nobody decides -----------------------------------------------------------------

peer_count_reset
walk 'TCP, refused for want of a daemon' tcp 192.0.2.2 80 refused
walk 'UDP, likewise' udp 192.0.2.2 9 refused
is 'no connection arrived' "$(peer_syn_count 80)" 0
is 'no datagram arrived' "$(peer_count udp 9)" 0

# --- somebody does -------------------------------------------------------------------

walk 'every request' requests

ok 'a daemon allows this program alone' \
  serve_start deny "allow out program $fail_nth"
peer_count_reset
walk 'UDP, allowed' udp 192.0.2.2 9 allowed
cmp_ok 'some arrived' "$(peer_count udp 9)" -ge 1
cmp_ok 'no more than were said to be sent' "$(peer_count udp 9)" -le "$(sent)"
walk 'TCP, allowed' tcp 192.0.2.2 80 allowed
cmp_ok 'as many connections arrived at least' "$(peer_syn_count 80)" -ge "$(sent)"
ok 'the daemon goes' serve_stop

ok 'a daemon denies this program alone' \
  serve_start allow "deny out program $fail_nth"
peer_count_reset
walk 'TCP, denied' tcp 192.0.2.2 80 refused
walk 'UDP, denied' udp 192.0.2.2 9 refused
is 'no connection arrived ' "$(peer_syn_count 80)" 0
is 'no datagram arrived ' "$(peer_count udp 9)" 0
ok 'the daemon goes again' serve_stop

tap_done
