# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# For suites that attack. Source it after tap.sh and peer.sh.
#
#   attack_tools                 copies the attack programs to where all users may
#                                run them: $ATTACK
#   attack WHAT EXPECTED SEEN    a test, and a line of the table
#   stays_inside WHAT COMMAND... the command fails and nothing arrives at the peer:
#                                $ATTACK_COUNT, connections to port 80 if not set
#   gets_out WHAT COMMAND...     the command succeeds and its connection arrives:
#                                shows that the attack's tools work
#   sends_nothing WHAT COMMAND..., sends_one WHAT COMMAND...  likewise for datagrams
#   said WHAT REGEX              the last command printed it: it got so far
#   attack_table                 prints the table, as comments

ATTACK=/run/attack
ATTACK_COUNT='peer_syn_count 80'
attack_rows=()

attack_tools() {
  local tool
  mkdir -p "$ATTACK"
  for tool in "$VM_BUILD"/tests/vm/attack/*; do
    [ ! -f "$tool" ] || [ ! -x "$tool" ] || cp "$tool" "$ATTACK/"
  done
  cp "$VM_TOP"/tests/vm/attack/*.py "$ATTACK/" 2>/dev/null
  chmod -R a+rX "$ATTACK"
}

attack() {
  is "$1" "$3" "$2"
  attack_rows+=("$1|$2|$3")
}

attack_run() {
  "$@" >"$ATTACK/output" 2>&1 </dev/null
  attack_status=$?
}

# A connection that gets no further than this machine has one of these statuses;
# any other says that the attack itself did not work.
attack_outcome() {
  local arrived
  arrived=$($ATTACK_COUNT)
  case $attack_status in
    0) printf 'out' ;;
    7) printf 'refused' ;;
    28) printf 'nothing' ;;
    *) printf 'status %s (%s)' "$attack_status" "$(tail -c 200 "$ATTACK/output" | tr '\n|' '; ')" ;;
  esac
  printf ', %s arrived' "$arrived"
}

stays_inside() {
  local what=$1
  shift
  peer_count_reset
  attack_run "$@"
  attack "$what" 'refused, 0 arrived' "$(attack_outcome)"
}

gets_out() {
  local what=$1
  shift
  peer_count_reset
  attack_run "$@"
  attack "$what" 'out, 1 arrived' "$(attack_outcome)"
}

said() {
  local output
  output=$(<"$ATTACK/output")
  like "$1" "$output" "$2"
}

# A datagram that is held looks sent to its program: what arrives counts.
sends_nothing() {
  local what=$1
  shift
  peer_count_reset
  attack_run "$@"
  attack "$what" '0 arrived' "$($ATTACK_COUNT) arrived"
}

sends_one() {
  local what=$1
  shift
  peer_count_reset
  attack_run "$@"
  attack "$what" '1 arrived' "$($ATTACK_COUNT) arrived"
}

attack_table() {
  local row what expected seen
  diag "$(printf '%-64s %-28s %s' attack expected seen)"
  for row in "${attack_rows[@]}"; do
    IFS='|' read -r what expected seen <<<"$row"
    diag "$(printf '%-64s %-28s %s' "$what" "$expected" "$seen")"
  done
}
