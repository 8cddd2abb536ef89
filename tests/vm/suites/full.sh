#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vm: --no-daemon --module-parameters flows=1024 --timeout 1200
#
# Everything that may be full is: queue, receive buffer, each share of what may wait,
# flow table, verdict table, disk. Each has its counter and its outcome, and that is
# never that something passes undecided. A program that opens flows as fast as it can
# does not keep others from being decided. Believed are clients' exits, what arrives at
# the peer, and the kernel's own book of its queues.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=tests/lib/tap.sh
. "$here/../../lib/tap.sh"
# shellcheck source=tests/vm/lib/peer.sh
. "$here/../lib/peer.sh"
# shellcheck source=tests/vm/lib/daemon.sh
. "$here/../lib/daemon.sh"
# shellcheck source=tests/vm/lib/pace.sh
. "$here/../lib/pace.sh"

PATIENCE=${PATIENCE:-60}
PROGRAMS=/opt/programs

echoed() { [ "$(timeout 60 nc -N 192.0.2.2 7 <<<hello)" = hello ]; }

# program NAME...: programs that open flows, each its own.
program() {
  local name
  mkdir -p "$PROGRAMS"
  cp "$here/../lib/send_many.py" "$PROGRAMS/"
  for name; do
    cp "$VM_BUILD/tests/vm/points/open_flows" "$PROGRAMS/$name"
  done
}

# waits USER PROGRAM COUNT [ADDRESS]: so many connections to port 80 at once; they end
# with the descriptor, or are waited for after a line.
waits() {
  local out=$DAEMON_DIR/$1-$2
  rm -f "$out"
  setpriv --reuid "$1" --clear-groups "$PROGRAMS/$2" wait "${4:-192.0.2.3}" 80 "$3" \
    <"$DAEMON_DIR/go" >"$out" 2>&1 9>&- &
  eventually "$2 of $1 begins $3 connections" "$PATIENCE" grep -q waiting "$out"
}

# some_wait WHAT USER PROGRAM WAITING REFUSED
some_wait() { is "$1" "$(grep waiting "$DAEMON_DIR/$2-$3")" "waiting $4 refused $5"; }

go_up() {
  rm -f "$DAEMON_DIR/go"
  mkfifo "$DAEMON_DIR/go"
  exec 8<>"$DAEMON_DIR/go"
}

# Whoever waits for a line gets one.
let_go() { printf '\n\n\n\n\n\n\n\n' >&8; }

all_connect() {
  eventually "$1" 90 grep -q connected "$DAEMON_DIR/$2-$3"
  is 'every one of them' "$(grep connected "$DAEMON_DIR/$2-$3")" "connected $4"
}

# --- the verdict thread alone, with little room -------------------------------------

# serve ARG...: it decides; see serve_policy.
serve() {
  local word
  coproc served { exec "$VM_BUILD/tests/bench/serve_policy" "$@" 2>&1; }
  # shellcheck disable=SC2154 # made by coproc
  daemon=$served_PID
  read -r -t $((60 * VM_PACE)) word <&"${served[0]}" && [ "$word" = ready ]
}

# figure NAME: one of its counters.
figure() {
  local line
  echo >&"${served[1]}"
  read -r -t $((60 * VM_PACE)) line <&"${served[0]}"
  [[ " $line " =~ \ $1\ ([0-9]+)\  ]] && echo "${BASH_REMATCH[1]}"
}

serve_end() {
  kill -KILL "$daemon"
  wait "$daemon"
  [ $? = 137 ]
}

# The kernel's book: what its queues dropped, full (6) or their reader's buffer (7).
book() { awk -v n="$1" '{ sum += $n } END { print sum + 0 }' /proc/net/netfilter/nfnetlink_queue; }

ok 'the peer and its servers are there' peer_up http echo
program one two three four calm wild
alice=$(id -u alice) bob=$(id -u bob)

ok 'a daemon with a queue of one packet' serve -q 1 allow
go_up
kill -STOP "$daemon"
waits "$alice" one 3
some_wait 'all wait' "$alice" one 3 0
cmp_ok 'two packets did not fit' "$(book 6)" -ge 2 # and they are sent again
is 'nothing arrived' "$(peer_syn_count 80)" 0
kill -CONT "$daemon"
let_go
all_connect 'they were only late' "$alice" one 3
is 'what did not fit is counted' "$(figure queue-full)" "$(book 6)"
ok 'it ends' serve_end

ok 'a daemon that may be told of much' serve -l 1024 deny \
  'allow out program /usr/bin/nc.openbsd protocol tcp'
go_up
peer_count_reset
kill -STOP "$daemon"
ulimit -Sn 4096
waits "$alice" two 2500
refused=$(grep -o '[0-9]*$' "$DAEMON_DIR/$alice-two")
cmp_ok 'those it could not be told of are refused at once' "$refused" -ge 1
some_wait 'all others wait' "$alice" two "$((2500 - refused))" "$refused"
kill -CONT "$daemon"
ok 'it decides what comes then' echoed
let_go
eventually 'and all that waits' "$PATIENCE" grep -q connected "$DAEMON_DIR/$alice-two"
is 'none of which may' "$(grep connected "$DAEMON_DIR/$alice-two")" 'connected 0'
is 'nothing arrived' "$(peer_syn_count 80)" 0
is 'the refused are counted' "$(figure tag-lost)" "$refused"
ok 'it ends' serve_end

ok 'a daemon with a small buffer' serve -b 4096 -l 64 allow
go_up
peer_count_reset
kill -STOP "$daemon"
for i in 1 2 3 4; do
  "$PROGRAMS/three" burst 192.0.2.3 9999 8 <"$DAEMON_DIR/go" >"$DAEMON_DIR/burst-$i" 2>&1 9>&- &
done
all_were_sent() { [ "$(cat "$DAEMON_DIR"/burst-? | grep -c '^refused 0$')" = 4 ]; }
eventually 'datagrams are sent' "$PATIENCE" all_were_sent
lost=$(book 7)
cmp_ok 'not all that wait fit into the buffer' "$lost" -ge 1
is 'none has arrived' "$(peer_count udp 9999)" 0
kill -CONT "$daemon"
arrive() { [ "$(peer_count udp 9999)" = "$1" ]; }
eventually 'those that did arrive' "$PATIENCE" arrive "$((32 - lost))" ||
  diag "$(peer_count udp 9999) arrived, $lost were lost"
is 'the others are counted' "$(figure queue-overrun)" "$lost"
exec 8>&-
ok 'it ends' serve_end

# In the kernel four times as many may wait as for people: 4 of a program, 8 of a user.
ok 'a daemon with few places for what waits' serve -l 1 deny 'ask out protocol tcp' \
  'allow out program /usr/bin/nc.openbsd protocol tcp'
ok 'a program is known to the kernel' echoed
go_up
peer_count_reset
kill -STOP "$daemon"
waits "$alice" one 6
some_wait 'a program has its share' "$alice" one 4 2
waits "$alice" two 6
some_wait 'another has one, too' "$alice" two 4 2
waits "$alice" three 6
some_wait 'the user has no more' "$alice" three 0 6
waits "$bob" three 6
some_wait 'another user has' "$bob" three 4 2
waits "$bob" four 6
some_wait 'and then nobody' "$bob" four 0 6
ok 'what is decided needs no place' echoed
is 'nothing arrived of what waits' "$(peer_syn_count 80)" 0
kill -CONT "$daemon"
# Of two programs of one user and of a third's, one each is asked about.
all_but() { [ "$(figure limited)" = "$1" ]; }
eventually 'people are asked about three of twelve' "$PATIENCE" all_but 9
is 'the program is counted' "$(figure limit-image)" 4
is 'the user' "$(figure limit-user)" 6
is 'and all' "$(figure limit-total)" 8
is 'nothing of them arrived' "$(peer_syn_count 80)" 0
exec 8>&-
ok 'it ends' serve_end

# --- tables ---------------------------------------------------------------------------

arrived() { peer_run nft list chain inet many arrived | sed -n 's/.*packets \([0-9]*\) .*/\1/p'; }
took() { [ "$(wc -l <"$DAEMON_DIR/many.out")" -ge "$1" ]; }
peer_run nft -f - <<'END'
table inet many {
  chain arrived {
    type filter hook prerouting priority -600; policy accept;
    udp dport 7777 counter drop
  }
}
END

# many FLOWS PER: in the background, PER of a socket; sends what each
# line to descriptor 6 says.
many() {
  rm -f "$DAEMON_DIR/many"
  mkfifo "$DAEMON_DIR/many"
  : >"$DAEMON_DIR/many.out"
  setpriv --reuid "$alice" --clear-groups /usr/bin/python3 "$PROGRAMS/send_many.py" "$1" 7777 "$2" \
    <"$DAEMON_DIR/many" >>"$DAEMON_DIR/many.out" 2>&1 9>&- &
  exec 6>"$DAEMON_DIR/many"
}

ok 'a daemon that allows everything' serve allow
many 2000 1000
have_arrived() { [ "$(arrived)" = "$1" ]; }
echo 0 1 >&6 # a few flows may wait for the first answer, not hundreds
eventually 'a program is allowed' "$PATIENCE" have_arrived 1
echo 1 1999 >&6
eventually 'a user makes more flows than he may have' "$PATIENCE" took 2
is 'all pass, for they are allowed' "$(arrived)" 2000
cmp_ok 'he has his quota' "$(figure flows)" -le 600
cmp_ok 'and the others are counted' "$(figure flow-full)" -ge 1400
echo 0 2000 >&6
eventually 'he goes on' "$PATIENCE" took 3
is 'and all pass again' "$(arrived)" 4000
ok "another user's flows go on" echoed
exec 6>&-
ok 'it ends' serve_end

rules=()
for i in {0..299}; do
  rules+=("allow out to 10.1.$((i >> 8)).$((i & 255))")
done
ok 'a daemon with more rules than a program may have verdicts' serve -l 1024 deny "${rules[@]}"
before=$(arrived)
many 400 100
new_ones() { [ "$(($(arrived) - before))" = "$1" ]; }
echo 0 200 >&6
eventually 'a program goes to some of them' "$PATIENCE" new_ones 200
echo 200 200 >&6
eventually 'and to the others, and to some that it may not' "$PATIENCE" new_ones 300
eventually 'as often as it was told' "$PATIENCE" took 2
cmp_ok 'it has all the verdicts that it may' "$(figure verdicts)" -ge 256
cmp_ok 'and flows that were decided one by one' "$(figure alone)" -ge 44
echo 0 200 >&6
echo 200 200 >&6
eventually 'it goes on with what is allowed' "$PATIENCE" new_ones 600
exec 6>&-
ok 'it ends' serve_end

# --- the whole daemon: what people see -------------------------------------------------

has_rule() { sallyport rules list --all --json | grep -qF -- "$1"; }

log_says() { sallyport log --all --json | grep -q "\"reason\": *\"$1\""; }

ok 'a bus is there' bus_up
daemon_configure <<'END'
[policy]
default-out=ask
END
mkdir -p /var/lib/sallyport
ok 'a disk with little room' mount -t tmpfs -o size=2m,mode=700 tmpfs /var/lib/sallyport
ok 'a daemon protects' daemon_start
cat >"$DAEMON_DIR/rules" <<END
allow out program $PROGRAMS/calm to 192.0.2.2 port 70 local-port 20000-29999
allow out program /usr/bin/nc.openbsd
END
add_rules() { sallyport rules add - <"$DAEMON_DIR/rules"; }
ok 'rules are there' add_rules
agent_up
eventually 'a person is there' "$PATIENCE" agents_registered 1

go_up
waits "$alice" one 26
is_counted() { [ "$(counter "$1")" = "$2" ]; }
eventually 'of 26 connections to one place two are too many to ask about' "$PATIENCE" is_counted daemon-limited 2
is 'the others wait' "$(counter daemon-waiting)" 24
eventually 'the log says why the others were refused' "$PATIENCE" log_says limit-image
exec 8>&-
go_up

# --- disk ---------------------------------------------------------------------------------

dd if=/dev/zero of=/var/lib/sallyport/full bs=4k >"$DAEMON_DIR/dd" 2>&1
ok 'the disk is full' grep -q 'No space' "$DAEMON_DIR/dd"
add() { sallyport rules add "allow out program /usr/bin/full-$1" >"$DAEMON_DIR/added" 2>&1; }
added=0
while [ "$added" -lt 100 ] && add "$((added + 1))"; do
  added=$((added + 1))
done
cmp_ok 'sooner or later a rule is not acknowledged' "$added" -lt 100
ok 'and it is said why' grep -qi 'not saved' "$DAEMON_DIR/added"
fails 'it is not there' has_rule "full-$((added + 1))"
ok 'the rules that are there hold' echoed
denial="deny out program /usr/bin/nc.openbsd to 192.0.2.3"
status_is 'a denial is not saved' 7 sallyport rules add "$denial"
fails 'but in force' timeout 60 nc -N 192.0.2.3 7
ok 'room is made' rm /var/lib/sallyport/full
ok 'then it is acknowledged' add "$((added + 1))"
ok 'the daemon is killed' daemon_kill
ok 'and comes back' daemon_start
is 'with all that was acknowledged' \
  "$(sallyport rules list --all --json | grep -o '/usr/bin/full-[0-9]*' | sort -u | wc -l)" "$((added + 1))"
ok 'and the denial' has_rule 'deny out program /usr/bin/nc.openbsd'

# --- one that opens flows as fast as it can, and the others ---------------------------------

ROUNDS=$(fewer 400)
calm() { "$PROGRAMS/calm" timed 192.0.2.2 70 "$ROUNDS" "$1" >"$DAEMON_DIR/calm" 2>&1 9>&-; }
p99() { sed -n 's/.*p99 \([0-9.]*\) ms/\1/p' "$DAEMON_DIR/calm"; }
times() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.1f", a / b }'; }

# are_decided WHAT FIRST: connections one after the other, from ports FIRST and following.
are_decided() {
  ok "$1" calm "$2"
  is 'all of them' "$(head -n 1 "$DAEMON_DIR/calm")" "made $ROUNDS"
  diag "$1: $(tail -n 1 "$DAEMON_DIR/calm")"
}

# goes_wild MODE ARG...: as fast as it can.
goes_wild() {
  setpriv --reuid "$alice" --clear-groups "$PROGRAMS/wild" "$@" >/dev/null 2>&1 9>&- &
  wild=$!
}
peer_serve listen "$PROGRAMS/calm" listen 0.0.0.0 70
ok 'somebody listens who is never slow' peer_wait_listens tcp 70
agent_down
eventually 'nobody is there to be asked' "$PATIENCE" agents_registered 0
are_decided 'flows are decided, one after the other' 20000
quiet=$(p99)
before=$(peer_count udp)

# What it costs the others that a program is busy at all, on these processors.
ok 'one flow is denied a program' \
  sallyport rules add "deny out program $PROGRAMS/wild protocol udp port 1024"
denied=$(counter deny)
goes_wild busy 192.0.2.2
is_denied() { [ "$(counter deny)" -gt "$((denied + 100))" ]; }
eventually 'it sends there as fast as it can' "$PATIENCE" is_denied
are_decided 'flows of others are decided beside it' 22000
diag "p99 is $(times "$(p99)" "$quiet") times that of a quiet machine"
busy=$(p99)
ok 'it is ended' kill "$wild"

# Its flows are refused as nobody is there to be asked, or where 32 of them wait already.
refused() { echo $(($(counter deny) + $(counter limit-image))); }
before_flood=$(refused)
goes_wild flood 192.0.2.2
is_flooding() { [ "$(refused)" -gt "$((before_flood + 200))" ]; }
eventually 'a program opens flows as fast as it can' "$PATIENCE" is_flooding
are_decided 'flows of others are decided beside that' 21000
diag "p99 is $(times "$(p99)" "$quiet") times that of a quiet machine," \
  "$(times "$(p99)" "$busy") times that beside one flow"
ok 'it goes on all the while' kill "$wild"
is 'and nothing of it arrived' "$(peer_count udp)" "$before"

tap_done
