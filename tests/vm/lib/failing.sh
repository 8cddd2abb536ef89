# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# For suites on the debug kernel in which each allocation fails in turn
# (tests/vm/failing). Source it after tap.sh.
#
#   prepare_failing          first of all
#   walk WHAT ARG...         a point: fail_nth ARG... went through all of them; its
#                            lines, with the figures, are shown
#   $fail_nth, $log          the program, and what it last printed; how far it is can be
#                            watched in the results folder

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
  local watched=$VM_RESULTS/fail_nth.log
  "$fail_nth" "$@" >"$log" 2>"$watched" || { tail -n 3 "$watched" "$log" && return 1; }
  ! grep -q 'allocates nothing' "$log" || { cat "$log" && return 1; }
}
