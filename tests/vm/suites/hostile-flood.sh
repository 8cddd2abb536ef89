#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# part: long
# vm: --module-parameters sockets=8192 --module-parameters images=2048 --module-parameters processes=2048 --timeout 900
#
# alice takes all she can get of processes, sockets, files, flows and namespaces.
# Each time bob's programs are known and decided as before: what may go out arrives,
# what may not is refused; the tables stay within their limits.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=tests/lib/tap.sh
. "$here/../../lib/tap.sh"
# shellcheck source=tests/vm/lib/peer.sh
. "$here/../lib/peer.sh"
# shellcheck source=tests/vm/lib/attack.sh
. "$here/../lib/attack.sh"

USER_OWNERS=2048 USER_IMAGES=512 USER_PROCESSES=512 # a quarter of each table

as() {
  local user=$1
  shift
  setpriv --reuid "$user" --regid "$user" --init-groups \
    env -i HOME="/home/$user" PATH="$PATH" "$@"
}

# table NAME: its fill and its size.
table() {
  sallyport status --json | tr -d '\n' | grep -oE "\"$1\": *\[[^]]*" | grep -oE '[0-9]+' | tr '\n' ' '
}

fill() { table "$1" | cut -d' ' -f1; }

tables_are_bounded() {
  local name have most
  for name in flows subjects verdicts pending owners images processes origins users; do
    read -r have most <<<"$(table "$name")"
    [ "${have:-1}" -le "${most:-0}" ] || return 1
  done
}

# bomb KIND COUNT [ARG]: alice's, until relieved.
bomb() {
  mkfifo "$ATTACK/gate.$1"
  (
    ulimit -n 200000 -u 20000
    as alice "${BOMB:-$ATTACK/bomb}" "$@"
  ) <"$ATTACK/gate.$1" >"$ATTACK/held.$1" 2>&1 &
  bomber=$!
  exec 8>"$ATTACK/gate.$1"
}

holds() { grep -q '^holds' "$ATTACK/held.$1"; }

relieve() {
  exec 8>&-
  wait "$bomber"
}

counter() { sallyport status --json | grep -oE "\"$1\": *[0-9]+" | grep -oE '[0-9]+$'; }

processes_are_forgotten() { [ "$(fill processes)" -le $((processes_before + 20)) ]; }

# A program of bob's that was never executed before, so that all of it is new.
others_are_served() {
  cp "$ATTACK/reach" "$ATTACK/new-$1"
  gets_out "bob's curl, meanwhile" as bob curl -sS -m 60 -o /dev/null http://192.0.2.2/
  stays_inside "a program of bob's that may not" as bob "$ATTACK/new-$1" 192.0.2.2 80
  ok 'what is new for bob is known' sallyport rules add \
    "allow out program $ATTACK/new-$1 to 192.0.2.3"
  gets_out 'and may what its rule allows' as bob "$ATTACK/new-$1" 192.0.2.3 80
  ok 'the tables are within their limits' tables_are_bounded
}

ok 'the peer and its servers are there' peer_up http
ok 'the tools of the attacks are there' attack_tools
ok 'curl may go out' sallyport rules add 'allow out program /usr/bin/curl'
mkdir -p /home/alice/many
cp "$ATTACK/bomb" /home/alice/many/
chown -R alice:alice /home/alice

# --- executions and processes ----------------------------------------------------------

owners_before=$(fill owners) processes_before=$(fill processes)
bomb forks 500
gets_out "bob's curl during a fork bomb" as bob curl -sS -m 60 -o /dev/null http://192.0.2.2/
stays_inside "a program of bob's that may not" as bob "$ATTACK/reach" 192.0.2.2 80
eventually '500 programs were executed' 300 holds forks
others_are_served forks
relieve
cmp_ok 'their processes are forgotten' "$(fill processes)" -le $((processes_before + 20))

bomb processes 700
eventually 'alice has 700 processes' 300 holds processes
like 'indeed' "$(<"$ATTACK/held.processes")" 'holds 700'
attack "processes that have a record: hers, at most" "$USER_PROCESSES" \
  "$((($(fill processes) - processes_before + 32) / 64 * 64))"
cmp_ok 'the others are counted' "$(counter process-full)" -ge $((700 - USER_PROCESSES))
others_are_served processes
relieve
eventually 'they are forgotten, too' 60 processes_are_forgotten

# --- sockets -----------------------------------------------------------------------------

bomb sockets 3000
eventually 'alice has 3000 sockets' 300 holds sockets
like 'indeed' "$(<"$ATTACK/held.sockets")" 'holds 3000'
cmp_ok 'her share of the records is used up' "$(fill owners)" -ge "$USER_OWNERS"
attack "sockets that have a record: hers, at most" "$USER_OWNERS" \
  "$((($(fill owners) - owners_before) / 256 * 256))"
others_are_served sockets
relieve
cmp_ok 'the records went with the sockets' "$(fill owners)" -le $((owners_before + 200))

# --- executed files ------------------------------------------------------------------------

images() { BOMB=/home/alice/many/bomb bomb images $((USER_IMAGES + 100)) /home/alice/many; }
images_before=$(fill images)
images
eventually 'alice keeps more executed files than her share' 900 holds images
diag "$(<"$ATTACK/held.images")"
cmp_ok 'her share of the images is used up' "$(fill images)" -ge "$USER_IMAGES"
cmp_ok 'and no more' "$(fill images)" -le $((USER_IMAGES + images_before + 60))
others_are_served images
relieve
cmp_ok 'the images went with the sockets' "$(fill images)" -le $((images_before + 60))

# --- flows that nobody has decided about ----------------------------------------------------

bomb flows 1000 192.0.2.2
eventually '1000 connections were begun' 300 holds flows
others_are_served flows
relieve

# --- namespaces -------------------------------------------------------------------------------

bomb namespaces 50
eventually 'alice has namespaces' 300 holds namespaces
diag "$(<"$ATTACK/held.namespaces")"
others_are_served namespaces
relieve

attack_table
tap_done
