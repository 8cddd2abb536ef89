#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vm: --no-daemon --timeout 1500
#
# The daemon is killed in the middle of every step of an answer, and so is who waits
# for one. What is decided stays in force, what is unknown is refused, what was held
# does not leak through; the next daemon knows every rule that was acknowledged, and
# answers. Believed are clients' exit statuses and what arrives at the peer.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=tests/lib/tap.sh
. "$here/../../lib/tap.sh"
# shellcheck source=tests/vm/lib/peer.sh
. "$here/../lib/peer.sh"
# shellcheck source=tests/vm/lib/pace.sh
. "$here/../lib/pace.sh"
# shellcheck source=tests/vm/lib/daemon.sh
. "$here/../lib/daemon.sh"

PATIENCE=${PATIENCE:-60}

fetch() { curl --silent --show-error --max-time 90 "http://$1/"; }

echoed() { [ "$(timeout 60 nc -N 192.0.2.2 7 <<<hello)" = hello ]; }

begin() {
  "$@" >"$DAEMON_DIR/program" 2>&1 </dev/null 9>&- &
  program=$!
}

ends_with() {
  wait "$program"
  is "$1" $? "$2"
}

shown=0
next_question() {
  shown=$((shown + 1))
  eventually "$1" "$PATIENCE" question_shown "$shown"
}

has_rule() { sallyport rules list --all --json | grep -qF -- "$1"; }

seconds_since() { awk -v a="$1" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.2f", b - a }'; }

# In seconds, and in how often a program could start meanwhile and fetch what it may: this
# machine is emulated.
how_long_since() {
  local took begun
  took=$(seconds_since "$1")
  begun=$EPOCHREALTIME
  for _ in {1..10}; do
    fetch 198.51.100.9 >/dev/null
  done
  awk -v t="$took" -v ten="$(seconds_since "$begun")" \
    'BEGIN { printf "%.2f s, as long as %.1f fetches\n", t, t / ten * 10 }'
}

# dies_there: it did, by the order that it was given.
dies_there() {
  eventually "it dies ($1)" "$PATIENCE" daemon_is_dead
  daemon_reap
  is 'killed' $? 137
}

# What holds whenever there is no daemon.
without_daemon() {
  ok 'what was allowed is allowed still' echoed
  status_is 'what is unknown is refused' 7 fetch 192.0.2.2:8080
}

# --- killed while it answers by a rule ----------------------------------------------

ok 'the peer and its servers are there' peer_up http echo
for host in {1..9} {101..120}; do
  peer_address "198.51.100.$host/32"
done
ok 'a bus is there' bus_up
daemon_configure <<'END'
[policy]
default-out=ask
END
ok 'a daemon protects' daemon_start
{
  echo 'allow out program /usr/bin/nc.openbsd to 192.0.2.2 port 7'
  printf 'allow out program /usr/bin/curl to 198.51.100.%d\n' {1..9}
} >"$DAEMON_DIR/rules"
sallyport rules add - <"$DAEMON_DIR/rules" >"$DAEMON_DIR/numbers"
is 'it acknowledges rules' "$(wc -l <"$DAEMON_DIR/numbers")" 10
ok 'one of them is used, and known to the kernel' echoed
ok 'the daemon is killed' daemon_kill
without_daemon

# point, what becomes of the flow that waited: refused, or passed as decided
host=0
while read -r point status; do
  host=$((host + 1))
  ok "a daemon protects that will die ($point)" daemon_start kill "$point"
  begin fetch "198.51.100.$host"
  dies_there "$point"
  ends_with 'what waited is refused, unless the kernel has the answer' "$status"
  is 'so much arrived' "$(peer_syn_count 80 "198.51.100.$host")" "$((status == 0))"
  without_daemon
done <<'END'
tagged 7
decided 7
pushed 0
released 0
END

# --- killed while a person is asked ----------------------------------------------------

ok 'a daemon protects' daemon_start
agent_up
eventually 'a person is there' "$PATIENCE" agents_registered 1
ok 'the daemon is killed' daemon_kill

# point, its number (a daemon makes a first change when it starts), what becomes of
# the flow, whether there is a rule afterwards, what the person says
host=100
while read -r point times status stored says; do
  host=$((host + 1))
  ok "a daemon protects that will die ($point)" daemon_start kill "$point" "$times"
  eventually 'the person is back' "$PATIENCE" agents_registered 1
  begin fetch "198.51.100.$host"
  if [ -n "$says" ]; then
    next_question 'the person is asked'
    agent_says "$says"
  fi
  dies_there "$point"
  ends_with 'what waited is refused, unless the kernel has the answer' "$status"
  is 'so much arrived' "$(peer_syn_count 80 "198.51.100.$host")" "$((status == 0))"
  without_daemon
  printf '%s %s\n' "198.51.100.$host" "$stored" >>"$DAEMON_DIR/answers-given"
  [ -n "$says" ] || shown=$(questions_shown)
done <<'END'
asked 1 7 no
given 1 7 no
answered 1 7 no allow always
storing 1 7 no allow always
stored 1 7 yes allow always
compiled 1 7 yes allow always
adopted 1 7 yes allow always
unbumped 2 7 yes allow always
bumped 2 7 yes allow always
swept 2 0 yes allow always
in-force 1 0 yes allow always
resolved 1 0 no allow once
END

ok 'one that dies while it starts' daemon_launch kill bumped
dies_there bumped
without_daemon

# --- afterwards -------------------------------------------------------------------------

begun=$EPOCHREALTIME
daemon_launch
until fetch 198.51.100.9 >/dev/null 2>&1 || daemon_is_dead; do
  :
done
diag "a new daemon answers after $(how_long_since "$begun")"
ok 'the next daemon answers by a rule' fetch 198.51.100.9
eventually 'and is on the bus' "$PATIENCE" daemon_protects
is 'the rules that were acknowledged are there' \
  "$(sallyport rules list --all --json | grep -oE '"id": *[0-9]+' | grep -oE '[0-9]+$' | grep -cxFf "$DAEMON_DIR/numbers")" 10
eventually 'the person is back' "$PATIENCE" agents_registered 1
while read -r address stored; do
  if [ "$stored" = yes ]; then
    ok "the answer for $address, which was stored, is a rule" has_rule "$address"
    ok 'which is obeyed without asking' fetch "$address"
  else
    fails "the answer for $address, which was not stored, is no rule" has_rule "$address"
  fi
done <"$DAEMON_DIR/answers-given"
is 'indeed nobody was asked' "$(questions_shown)" "$shown"

# --- with ten thousand flows in the table (on the usual kernels) -------------------------

FLOWS=$(fewer 10000)
peer_run nft -f - <<'END'
table inet many {
  chain arrived {
    type filter hook prerouting priority -600; policy accept;
    udp dport 7777 counter drop
  }
}
END
arrived() { peer_run nft list chain inet many arrived | sed -n 's/.*packets \([0-9]*\) .*/\1/p'; }
arrived_so_far() { [ "$(arrived)" = "$1" ]; }
took() { [ "$(wc -l <"$DAEMON_DIR/many.out")" -ge "$1" ]; }

ok 'a program may send' \
  sallyport rules add "allow out program $(realpath /usr/bin/python3) protocol udp port 7777"
many() { /usr/bin/python3 "$here/../lib/send_many.py" "$1" 7777 1000; }
first() { [ "$(echo 0 1 | many 1)" = 1 ]; }
ok 'it sends something, and the kernel knows' first
eventually 'that it is allowed' "$PATIENCE" arrived_so_far 1
mkfifo "$DAEMON_DIR/many"
many "$FLOWS" <"$DAEMON_DIR/many" >"$DAEMON_DIR/many.out" 2>&1 9>&- &
exec 6>"$DAEMON_DIR/many"
echo 0 "$FLOWS" >&6
eventually "it makes $FLOWS flows" "$PATIENCE" took 1
is 'all of them went out' "$(arrived)" "$((FLOWS + 1))"
cmp_ok 'and the kernel knows them' "$(fill flows)" -ge "$FLOWS"
ok 'the daemon is killed' daemon_kill
echo 0 "$FLOWS" >&6
eventually 'the program goes on' "$PATIENCE" took 2
is 'in every flow' "$(arrived)" "$((2 * FLOWS + 1))"
without_daemon
begun=$EPOCHREALTIME
daemon_launch
until fetch 198.51.100.8 >/dev/null 2>&1 || daemon_is_dead; do
  :
done
diag "with $FLOWS flows a new daemon answers after $(how_long_since "$begun")"
eventually 'the next daemon is on the bus' "$PATIENCE" daemon_protects
cmp_ok 'it knows the flows too' "$(fill flows)" -ge "$FLOWS"
begun=$EPOCHREALTIME
ok 'the program is denied' \
  sallyport rules add "deny out program $(realpath /usr/bin/python3) protocol udp port 7777"
diag "that was in force after $(seconds_since "$begun") s"
before=$(arrived)
echo 0 "$FLOWS" >&6
eventually 'it tries again' "$PATIENCE" took 3
is 'and nothing goes out' "$(arrived)" "$before"
exec 6>&-

# --- who asks dies ----------------------------------------------------------------------

nobody_waits() { [ "$(fill pending)" = 0 ] && questions_open 0; }

eventually 'the person is back' "$PATIENCE" agents_registered 1
begin exec curl --silent http://198.51.100.120/
next_question 'a program waits for an answer'
ok 'and is killed' kill -KILL "$program"
eventually 'its question is over' "$PATIENCE" nobody_waits
echo hello | socat -t60 - UDP:192.0.2.3:7 >/dev/null 2>&1 9>&- &
program=$!
next_question 'a datagram waits for an answer'
ok 'its program is killed' kill -KILL "$program"
eventually 'its question is over' "$PATIENCE" nobody_waits
begin curl --silent --max-time $((3 * VM_PACE)) http://198.51.100.120/
next_question 'a program waits that is not patient'
ends_with 'it gives up' 28
eventually 'and its question is over' "$PATIENCE" nobody_waits
is 'nothing of all that arrived' \
  "$(($(peer_syn_count 80 198.51.100.120) + $(peer_count udp 7 192.0.2.3)))" 0

# --- its namespace dies -------------------------------------------------------------------

box_up() {
  ip netns add box && ip -n box link add eth0 type veth peer name eth1 &&
    ip -n box link set eth0 up && ip -n box link set eth1 up &&
    ip -n box address add 10.9.9.1/24 dev eth0 && ip -n box route add default dev eth0
}

# Its first packets may be refused: the daemon has no queues there yet.
box_asks() {
  kill -0 "$program" 2>/dev/null ||
    begin exec ip netns exec box curl --silent --max-time 90 http://192.0.2.9/
  question_shown "$((shown + 1))"
}

ok 'another namespace of the machine' box_up
eventually 'a program there is asked about' "$PATIENCE" box_asks
shown=$(questions_shown)
ok 'it is killed' kill -KILL "$program"
ok 'and its namespace goes' ip netns delete box
eventually 'its question is over' "$PATIENCE" nobody_waits
ok 'the daemon goes on' fetch 198.51.100.7

is 'what was never allowed never arrived' "$(peer_syn_count 8080)" 0

tap_done
