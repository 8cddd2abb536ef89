#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernel: debug
# vm: --no-daemon --smp 1 --timeout 600
#
# The kernel has no memory, at each place in turn: the module loads or says why not,
# requests change what they say they changed, and no packet goes out that would not
# have gone with memory. Believed is what arrives at the peer. Only one thread's allocations
# fail, and another processor would be one more to wait for in each grace period of RCU.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=tests/lib/tap.sh
. "$here/../../lib/tap.sh"
# shellcheck source=tests/vm/lib/peer.sh
. "$here/../lib/peer.sh"

fail_nth=/run/fail_nth
log=/run/fail_nth.log

# Allocations that may wait are failed too, and no word of each.
prepare_failing() {
  local kind
  cp "$VM_BUILD/tests/vm/failing/fail_nth" "$fail_nth"
  for kind in failslab fail_page_alloc; do
    cd "/sys/kernel/debug/$kind" || return 1
    echo N >ignore-gfp-wait || return 1
    echo 0 >verbose
  done
  cd /sys/kernel/debug/fail_page_alloc && echo N >ignore-gfp-highmem && echo 0 >min-order
}

# walk WHAT ARG...: walked to the end; the log is shown, for its figures.
walk() {
  local what=$1 status
  shift
  ok "$what" run_walk "$@"
  status=$?
  diag "$(<"$log")"
  return "$status"
}

# Never all memory of the walk: a walk that allocated nothing tested nothing.
run_walk() {
  "$fail_nth" "$@" >"$log" 2>&1 || { cat "$log" && return 1; }
  ! grep -q 'allocates nothing' "$log" || { cat "$log" && return 1; }
}

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

# --- the module itself ------------------------------------------------------------------

ok 'the module is unloaded' rmmod sallyport
# Without what is for a debugger, and with small tables: it is inserted hundreds of times.
# Going through with it takes grace periods of RCU, which can be had faster.
echo 1 >/sys/kernel/rcu_expedited
small_tables=$(printf '%s=1024 ' flows sockets images processes subjects verdicts)
ok 'a small copy of it' objcopy --strip-debug "$VM_MODULE" /run/sallyport.ko
walk 'the module is inserted' module /run/sallyport.ko "$small_tables"
fails 'it is gone again' test -d /sys/module/sallyport
ok 'and can be loaded' insmod /run/sallyport.ko

tap_done
