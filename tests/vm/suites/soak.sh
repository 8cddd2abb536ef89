#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vm: --no-daemon --timeout 900
#
# Everything at once, again and again: programs that may and that may not, names that
# are looked up, questions, rules that come and go, one connection that stays; in the
# first half the daemon is killed and starts again, in the second one daemon does it
# all. What must pass passes, what must not never arrives; memory stays what it was in
# the middle of the second half, the tables empty themselves, and no counter has moved
# that should not. The second half begins with the history full and its first minute in
# the store: until then both grow. soak-hour.sh is the same for an hour.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=tests/lib/tap.sh
. "$here/../../lib/tap.sh"
# shellcheck source=tests/vm/lib/peer.sh
. "$here/../lib/peer.sh"
# shellcheck source=tests/vm/lib/daemon.sh
. "$here/../lib/daemon.sh"

HISTORY=4096 # records of it that are kept: daemon/history/history.h
SECONDS_HALF=${SOAK_SECONDS:-40}
ROUNDS_HALF=${SOAK_ROUNDS:-6} # of each half at least, however long they take
BIN=/run/soak
GOOD=192.0.2.2 BAD=192.0.2.3
rounds=0 denied=0 absent=0 looked_up=0 questions=0 stopped=0

programs() {
  mkdir -p "$BIN"
  local who
  for who in good bad turn asks stranger keeps; do
    cp "$(readlink -f /usr/bin/python3)" "$BIN/$who" || return 1
  done
}

mix() { "$BIN/$1" "$VM_TOP/tests/vm/programs/mix.py" "${@:2}"; }

rules() {
  printf '%s\n' "allow out program $BIN/good" "deny out program $BIN/bad" "allow out program $BIN/keeps" \
    "allow out program $(readlink -f /usr/bin/dig)" >"$DAEMON_DIR/rules"
  sallyport rules add - <"$DAEMON_DIR/rules"
}

keep_one() {
  local word
  coproc kept { exec "$BIN/keeps" "$VM_TOP/tests/vm/programs/mix.py" "$GOOD" keep 2>&1; }
  # shellcheck disable=SC2154 # made by coproc
  read -r -t 60 word <&"${kept[0]}" && [ "$word" = connected ]
}

still_kept() {
  local word
  echo >&"${kept[1]}"
  read -r -t 60 word <&"${kept[0]}"
  echo "$word"
}

# --- a round -----------------------------------------------------------------------------

# "asks" is asked about; what is answered is for this connection.
question() { # WORD ANSWERED
  mix asks "$GOOD" 1 0 >"$DAEMON_DIR/asks" 2>&1 9>&- &
  local asks=$!
  questions=$((questions + 1))
  eventually "  $rounds: a question is there" 60 question_shown "$questions"
  agent_says "$1 once"
  wait "$asks"
  is "  $rounds: $1 it was" "$(<"$DAEMON_DIR/asks")" "$2 0"
  [ "$1" = allow ] || denied=$((denied + 1)) stopped=$((stopped + 1))
}

# A rule, while it is there.
turn() {
  local number
  number=$(sallyport rules add "allow out program $BIN/turn")
  is "  $rounds: a new rule holds" "$(mix turn "$GOOD" 2 2)" '2 2'
  ok "  $rounds: it goes" sallyport rules remove "$number"
}

traffic() {
  rounds=$((rounds + 1))
  is "$rounds: what may passes" "$(mix good "$GOOD" 20 20)" '20 20'
  is "  $rounds: what may not does not" "$(mix bad "$BAD" 10 10)" '0 0'
  denied=$((denied + 20))
  like "  $rounds: a name" "$(dig +short @"$GOOD" shop.test)" "$GOOD"
  looked_up=$((looked_up + 1))
  turn
  if [ $((rounds % 2)) = 1 ]; then question allow 1; else question deny 0; fi
  is "  $rounds: one connection is still there" "$(still_kept)" yes
}

# Those that are known go on; strangers are refused.
without_daemon() {
  ok "  $rounds: the daemon is killed" daemon_kill
  is "  $rounds: what may passes without it" "$(mix good "$GOOD" 5 5)" '5 5'
  is "  $rounds: strangers do not" "$(mix stranger "$BAD" 5 5)" '0 0'
  absent=$((absent + 10))
  ok "  $rounds: it is there again" daemon_start
  eventually "  $rounds: and who answers" 60 agents_registered 1
}

# --- what is left of it --------------------------------------------------------------------

memory() { awk '/^RssAnon/ { print $2 }' "/proc/$daemon/status"; }

# half COMMAND...: rounds, each with the command after it, and the memory of each.
half() {
  local end=$((SECONDS + SECONDS_HALF)) first=$rounds
  : >"$DAEMON_DIR/memory"
  while [ "$SECONDS" -lt "$end" ] || [ $((rounds - first)) -lt "$ROUNDS_HALF" ]; do
    traffic
    memory >>"$DAEMON_DIR/memory"
    "$@"
  done
}

# part FROM TO: the most of it in these parts of ten of the rounds.
most_between() {
  awk -v from="$1" -v to="$2" '{ size[NR] = $1 }
    END { for (i = 1 + int(NR * from / 10); i <= NR * to / 10; i++) if (size[i] > most) most = size[i]
          print most + 0 }' "$DAEMON_DIR/memory"
}

# Each connection is two records, its beginning and its end. In parts, which no limit of
# events cuts short.
fill_history() {
  local made
  for ((made = 0; made < HISTORY / 2; made += 128)); do
    [ "$(mix good "$GOOD" 64 64)" = '64 64' ] || return 1
  done
}

# By this daemon: what it opens for that stays in its memory.
history_is_stored() { [ /var/lib/sallyport/history.db-wal -nt "$DAEMON_DIR/filled" ]; }

# What has moved beside those named.
unexplained() {
  sallyport status --json | python3 -c '
import json, sys
counters = json.load(sys.stdin)["counters"]
print(*(f"{name} {count}" for name, count in counters.items()
        if count and name not in sys.argv[1:]), sep="\n")' "$@"
}

flows_are_gone() { [ "$(fill flows)" = 0 ]; }
owners_are_gone() { [ "$(fill owners)" -le "$owners" ]; }

ok 'the peer is there' peer_up dns
peer_serve mix python3 "$VM_TOP/tests/vm/programs/mix.py" 0.0.0.0 serve
ok 'and answers' eval 'peer_wait_listens tcp 9007 && peer_wait_listens udp 9007'
ok 'the programs' programs
ok 'a bus' bus_up
ok 'the daemon protects' daemon_start
agent_up
eventually 'somebody answers' 60 agents_registered 1
ok 'the rules' rules
owners=$(fill owners)
ok 'one connection is made' keep_one

half without_daemon
ok 'the history is filled' fill_history
touch "$DAEMON_DIR/filled"
eventually 'and its first minute is in the store' 120 history_is_stored
lost=$(counter event-lost) # on their way to a daemon that was killed
half true
diag "$rounds rounds; RssAnon in kB, round by round of one daemon: $(tr '\n' ' ' <"$DAEMON_DIR/memory")"
cmp_ok 'memory of the daemon stays what it was in the middle' \
  "$(most_between 7 10)" -le $(($(most_between 4 7) * 103 / 100))

is 'nothing arrived of what may not' "$(peer_count tcp 9007 "$BAD") $(peer_count udp 9007 "$BAD")" '0 0'
is 'each refusal is counted' "$(counter deny)" "$denied"
is 'each of a stranger without the daemon' "$(counter absent)" "$absent"
is 'each name was seen' "$(counter observed)" "$looked_up"
# Those that waited for the answer; and of the rule that goes, what is not quite over yet.
cmp_ok 'connections are ended' "$(counter aborted)" -ge "$stopped"
cmp_ok 'but no others' "$(counter aborted)" -le $((stopped + 2 * rounds))
is 'no event is lost while there is a daemon' "$(counter event-lost)" "$lost"
# "always" is neighbours and errors; the others are ways on which something passes;
# "established" is a server's end that came behind its ACK, for what waits no more.
is 'no other counter has moved' "$(unexplained deny absent observed aborted event-lost \
  cache-hit flow-hit verdict-hit upcall repeat loopback always control foreign \
  established)" ''
# shellcheck disable=SC2154 # made by coproc
kill "$kept_PID"
eventually 'no flow stays' 60 flows_are_gone || diag "$(sallyport connections --all | head -n 20)"
eventually 'no record of a socket stays' 60 owners_are_gone || diag "$(fill owners), was $owners"

tap_done
