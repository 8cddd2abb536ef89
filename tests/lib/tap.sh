# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Tests that print TAP. Source this, call the functions, end the file with
# tap_done; it prints the plan and says by its status whether all went well. A
# file that ends in any other way (an error, an exit) is a failure too, because
# its plan is missing.
#
#   ok WHAT COMMAND...           the command succeeds
#   fails WHAT COMMAND...        the command fails
#   status_is WHAT N COMMAND...  the command's exit status is N
#   is WHAT GOT WANTED           two strings are equal
#   isnt WHAT GOT UNWANTED
#   like WHAT GOT REGEX          bash's =~
#   unlike WHAT GOT REGEX
#   cmp_ok WHAT A OP B           integers; OP as in test: -lt -ge ...
#   eventually WHAT S COMMAND... the command succeeds within S seconds, or on a kernel that
#                                is slow VM_PACE times as many. Asking keeps the processor
#                                from what is waited for: half of the time at most
#   pass WHAT, fail WHAT, skip WHAT WHY
#   diag TEXT                    a comment in the output
#
# What the command printed is shown when the test fails. Each function returns
# whether its test passed, so that "ok ... || diag ..." works; use it without
# "set -e".

tap_count=0
tap_failed=0

diag() { printf '%s\n' "$*" | sed 's/^/# /'; }

tap_result() { # WORD WHAT
  tap_count=$((tap_count + 1))
  printf '%s %d - %s\n' "$1" "$tap_count" "$2"
}

pass() { tap_result ok "$1"; }

fail() {
  tap_result 'not ok' "$1"
  tap_failed=$((tap_failed + 1))
  return 1
}

skip() { tap_result ok "$1 # SKIP $2"; }

# The command runs in this shell, so that its variables stay.
tap_run() {
  "$@" >"$tap_output" 2>&1 </dev/null
}

tap_fail_with_output() { # WHAT MESSAGE
  fail "$1"
  diag "$2"
  diag "$(tail -c 2000 "$tap_output")"
  return 1
}

ok() {
  local what=$1
  shift
  tap_run "$@"
  local got=$?
  [ "$got" != 0 ] || { pass "$what" && return; }
  tap_fail_with_output "$what" "status $got from: $*"
}

fails() {
  local what=$1
  shift
  tap_run "$@" || { pass "$what" && return; }
  tap_fail_with_output "$what" "it succeeded: $*"
}

status_is() {
  local what=$1 wanted=$2
  shift 2
  tap_run "$@"
  local got=$?
  [ "$got" != "$wanted" ] || { pass "$what" && return; }
  tap_fail_with_output "$what" "status $got instead of $wanted from: $*"
}

is() {
  [ "$2" != "$3" ] || { pass "$1" && return; }
  fail "$1"
  diag "got:    $2"
  diag "wanted: $3"
  return 1
}

isnt() {
  [ "$2" = "$3" ] || { pass "$1" && return; }
  fail "$1"
  diag "got just that: $2"
  return 1
}

like() {
  [[ ! $2 =~ $3 ]] || { pass "$1" && return; }
  fail "$1"
  diag "got: $2"
  diag "does not match: $3"
  return 1
}

unlike() {
  [[ $2 =~ $3 ]] || { pass "$1" && return; }
  fail "$1"
  diag "got: $2"
  diag "matches: $3"
  return 1
}

cmp_ok() {
  # shellcheck disable=SC2086 # an operator
  test "$2" $3 "$4" && { pass "$1" && return; }
  fail "$1"
  diag "not so: $2 $3 $4"
  return 1
}

# Without a program, which in an emulated machine takes longer than the pause.
tap_sleep() { # MICROSECONDS
  local seconds
  printf -v seconds '%d.%06d' $(($1 / 1000000)) $(($1 % 1000000))
  read -r -t "$seconds" <>"$tap_nothing"
  return 0
}

# Between two looks at what is waited for, each of which took so long.
tap_pause() { # [MICROSECONDS]
  local least=$((${VM_PACE:-1} * 100000)) pause=${1:-0}
  [ "$pause" -ge "$least" ] || pause=$least
  [ "$pause" -le $((10 * least)) ] || pause=$((10 * least))
  tap_sleep "$pause"
}

tap_now() { printf -v "$1" '%s' "${EPOCHREALTIME/[.,]/}"; } # VARIABLE; µs

eventually() {
  local what=$1 seconds=$(($2 * ${VM_PACE:-1})) end begin now
  end=$((SECONDS + seconds))
  shift 2
  while tap_now begin && ! tap_run "$@"; do
    if [ "$SECONDS" -ge "$end" ]; then
      tap_fail_with_output "$what" "not within $seconds s: $*"
      return 1
    fi
    tap_now now
    tap_pause $((now - begin))
  done
  pass "$what"
}

tap_done() {
  printf '1..%d\n' "$tap_count"
  rm -f "$tap_output" "$tap_nothing"
  [ "$tap_failed" = 0 ] && [ "$tap_count" != 0 ]
}

tap_output=$(mktemp "${TMPDIR:-/tmp}/tap.XXXXXX")
tap_nothing=$tap_output.nothing # whose reader waits for as long as he wants
mkfifo "$tap_nothing"
