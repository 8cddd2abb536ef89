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

echo 1..17
offers 'status' sallyport st
offers 'list show add edit remove enable disable import export check --help' sallyport rules ''
offers 'allow' sallyport rules add al
offers 'out in' sallyport rules add --for 1h deny ''
offers 'program package parent protocol port' sallyport rules add allow out p
offers 'from' sallyport rules add allow in f
offers '15m 1h 1d' sallyport rules add --for ''
offers '--json' sallyport watch --j
offers '' sallyport rules remove ''
offers '' sallyport rules edit ''
offers 'allow' sallyport rules edit 12 al
offers '--dry-run' sallyport rules import --d
offers '--redo' sallyport undo --r
offers 'end' sallyport connections e
offers '--watch' sallyport connections --w
offers 'normal lockdown off' sallyport mode ''
offers '--confirm-within' sallyport rules remove --c
exit "$failed"
