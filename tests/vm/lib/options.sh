# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What a suite says in its head about the machine that it wants:
#   # vm: OPTION...     for tests/vm/run; a word each
#
#   suite_head FILE WHAT       the line "# WHAT: ..."
#   suite_wants FILE OPTION    it is among the options
#   suite_values FILE OPTION   what it is followed by, each time it is there
#   suite_timeout FILE         in seconds
#   suite_may_share FILE       it can be run with others in one boot (several)

suite_head() { sed -n "s/^# $2: *//p" "$1" | head -n 1; }

suite_wants() { [[ " $(suite_head "$1" vm) " = *" $2 "* ]]; }

suite_values() {
  local words i
  read -r -a words < <(suite_head "$1" vm)
  for ((i = 0; i + 1 < ${#words[@]}; i++)); do
    [ "${words[i]}" != "$2" ] || printf '%s\n' "${words[i + 1]}"
  done
}

suite_timeout() {
  local seconds
  seconds=$(suite_values "$1" --timeout)
  printf '%s\n' "${seconds:-300}"
}

suite_may_share() {
  ! suite_head "$1" vm | tr ' ' '\n' | grep -e '^--' |
    grep -q -v -x -e '--no-daemon' -e '--timeout' -e '--module-parameters'
}
