# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What README.md says under "If you are locked out", done as it stands there: the lines
# are taken from it. For inside.sh, which has sourced tap.sh, peer.sh and
# first_run.sh.

# The commands of that section, without sudo and what they are for.
locked_out_commands() {
  awk '/^#/ { on = /locked out/ } on' "$VM_TOP/README.md" |
    sed -n 's/^    sudo \(.*[^ ]\)   *[^ ].*$/\1/p'
}

# locked_out N: the N-th of them.
locked_out() {
  local command
  command=$(locked_out_commands | sed -n "$1p")
  [ -n "$command" ] || return 1
  diag "$command"
  eval "$command"
}

lost_connection() { status=0 && fetch_other || status=$?; [ "$status" = 7 ]; }

scene_locked_out() {
  agent_leaves
  ok 'locked out: what no rule decides is refused' lost_connection
  ok 'the first line of README.md' locked_out 1
  ok 'lets it through' fetch_other
  ok 'the second' locked_out 2
  ok 'changes nothing of that' fetch_other
  fails 'the daemon is gone' systemctl --quiet is-active sallyportd.service
  ok 'the third is the way back' locked_out 3
  ok 'the fourth as well' locked_out 4
  eventually 'it protects again' "$PATIENCE" state_is protecting
  ok 'and refuses' lost_connection
}
