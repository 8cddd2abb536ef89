#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# test_completion.sh COMPLETION: what bash offers after the words so far. TAP.

number=0 failed=0

# shellcheck source=/dev/null
. "$1" || exit 1

# offers "EXPECTED" WORD...: the last word is the one that is completed.
offers() {
  local expected=$1
  shift
  number=$((number + 1))
  COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
  _sallyport
  if [ "${COMPREPLY[*]}" = "$expected" ]; then
    echo "ok $number - $*"
  else
    failed=1
    echo "not ok $number - $*"
    echo "# expected: $expected"
    echo "# got: ${COMPREPLY[*]}"
  fi
}

# What completions ask; never with a password.
# shellcheck disable=SC2317
sallyport() {
  [ "$*" = 'rules list --json' ] && [ -n "$SALLYPORT_NO_PASSWORD" ] &&
    printf '{"id":12,"text":"deny out"}\n{"id":345,"text":"deny in"}\n'
}

echo 1..26
offers 'status' sallyport st
offers 'list show add edit remove enable disable import export check --help' sallyport rules ''
offers 'allow' sallyport rules add al
offers 'out in' sallyport rules add --for 1h deny ''
offers 'program package parent protocol port' sallyport rules add allow out p
offers 'from' sallyport rules add allow in f
offers '15m 1h 1d' sallyport rules add --for ''
offers '--json' sallyport watch --j
offers '12 345' sallyport rules remove ''
offers '345' sallyport rules edit 3
offers '12' sallyport rules disable 345 1
offers '/bin/bashbug' sallyport rules add deny out program /bin/bashb
offers 'list name forget ignore' sallyport networks ''
offers 'lo' sallyport networks name lo
offers 'home public vpn' sallyport networks name eth0 ''
offers 'allow' sallyport rules edit 12 al
offers '--dry-run' sallyport rules import --d
offers '--json' sallyport networks list --j
offers '--redo' sallyport undo --r
offers 'end' sallyport connections e
offers '--watch' sallyport connections --w
offers 'normal learn lockdown off' sallyport mode ''
offers '--confirm-within' sallyport rules remove --c
offers '' sallyport log -f ''
offers '' sallyport undo -l ''
offers 'minute hour day' sallyport totals -s ''
exit "$failed"
