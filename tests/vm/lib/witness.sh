# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Long conversations with the peer, and what arrived there, when. Source it after
# peer.sh and tap.sh. A talker is a copy of socat, so that each is a program of
# its own; it says something every 50 ms, more rarely on a slow kernel (VM_PACE).
#
#   witness_up                   the other side: ports 9000 to 9019 (witness.py)
#   talker NAME                  makes the program $TALK/NAME
#   talk WHO NAME ADDRESS        runs it in the background, with a socat address
#   talk_once NAME ADDRESS       says one thing and returns socat's status
#   hears PORT [SINCE]           payload arrived at the port (later than then)
#   heard PORT [SINCE]           … how many packets of it
#   goes_on WHO PORT             a point: payload arrives after now, and WHO lives
#   is_reset PORT                the peer's socket was told of a reset
#   is_over WHO                  the talker has ended
#   ended_by_error WHAT WHO      a point: it ended, because of an error on its socket

TALK=/opt/talk
printf -v TICK '%d.%02d' $((VM_PACE / 20)) $((VM_PACE * 5 % 100))
WITNESS_LOG=$PEER_DIR/witness.log
declare -A talkers=()

witness_up() {
  mkdir -p "$TALK"
  mkfifo "$TALK/clock"
  exec 7<>"$TALK/clock"
  peer_serve witness /usr/bin/python3 "$VM_TOP/tests/vm/lib/witness.py" "$TICK"
  peer_wait_listens tcp 9019
}

talker() { cp /usr/bin/socat "$TALK/$1"; }

# A read that nothing ever answers is a sleep that starts no program.
ticks() {
  while echo tick; do
    read -r -t "$TICK" -u 7
  done 2>/dev/null
}

talk() {
  ticks | "$TALK/$2" - "$3" >/dev/null 2>"$TALK/$1.log" 9>&- &
  talkers[$1]=$!
}

talk_once() { echo tick | timeout 60 "$TALK/$1" -t1 - "$2"; }

# Times as text: awk's numbers hold microseconds of this century.
heard() {
  awk -v port="$1" -v since="${2:-0}" \
    '($2 == "tcp" || $2 == "udp") && $3 == port && $1 > since { n++ } END { print n + 0 }' "$WITNESS_LOG"
}

hears() { [ "$(heard "$@")" -gt 0 ]; }

goes_on() {
  eventually "$1 goes on talking" "${PATIENCE:-60}" hears "$2" "$EPOCHREALTIME" && ok 'and lives' kill -0 "${talkers[$1]}"
}

is_reset() { grep -q " reset $1\$" "$WITNESS_LOG"; }

is_over() { [[ $(ps -o stat= -p "${talkers[$1]}") == @(Z*|) ]]; }

ended_by_error() {
  eventually "$1" "${PATIENCE:-60}" is_over "$2" || return
  wait "${talkers[$2]}"
  is 'with an error' $? 1
  ok 'of its socket' grep -qE 'Connection (refused|reset)' "$TALK/$2.log"
}
