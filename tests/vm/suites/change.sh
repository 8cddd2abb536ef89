#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vm: --no-daemon --timeout 1200
#
# A policy that changes reaches connections that are open: what it denies ends on
# both sides, everything else goes on untouched, and who changed it hears back when
# it is in force, not before. Believed are the programs' ends and when what arrived
# at the peer.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=tests/lib/tap.sh
. "$here/../../lib/tap.sh"
# shellcheck source=tests/vm/lib/peer.sh
. "$here/../lib/peer.sh"
# shellcheck source=tests/vm/lib/daemon.sh
. "$here/../lib/daemon.sh"
# shellcheck source=tests/vm/lib/witness.sh
. "$here/../lib/witness.sh"

PATIENCE=${PATIENCE:-60}

# change WHAT ARG...: "sallyport rules ARG..."; $changed is when it returned.
change() {
  local what=$1
  shift
  ok "$what" sallyport rules "$@"
  changed=$EPOCHREALTIME
}

# add_rules: $DAEMON_DIR/rules, a line each; their numbers are in $DAEMON_DIR/numbers.
add_rules() { sallyport rules add - <"$DAEMON_DIR/rules" >"$DAEMON_DIR/numbers"; }

nothing_after() { is "$1" "$(heard "$2" "$changed")" 0; }

# begins WHO NAME ADDRESS PORT
begins() {
  talk "$1" "$2" "$3"
  eventually "$1 talks" "$PATIENCE" hears "$4"
}

asleep() { [[ $(ps -o stat= -p "$1") == S* ]]; }

# --- too late: the kernel takes no answer of an old policy ------------------------

ok 'the peer is there' peer_up http echo
ok 'and a witness' witness_up
for name in ann ben; do
  talker "$name"
done

mkfifo "$DAEMON_DIR/later"
"$VM_BUILD/tests/vm/points/stale-daemon" <"$DAEMON_DIR/later" >"$DAEMON_DIR/late" 2>&1 &
stale=$!
exec 8>"$DAEMON_DIR/later"
says() { grep -qx "$1" "$DAEMON_DIR/late"; }
eventually 'a daemon that answers late is ready' "$PATIENCE" says ready
talk early ann TCP:192.0.2.2:9000
eventually 'a flow waits for it' "$PATIENCE" says asked
ok 'a verdict of the old policy is refused' says 'old push: ESTALE'
ok 'an answer for the flow alone, too' says 'old resolve: ESTALE'
ok 'and a policy that is no newer' says 'old epoch: EINVAL'
ok 'nothing was installed' says 'verdicts: 0'
ok 'the flow waits still' says 'waiting: 1'
is 'and nothing arrived' "$(peer_syn_count 9000)" 0
echo >&8
eventually 'the same under the new policy is taken' "$PATIENCE" says 'new push: done'
eventually 'and the flow goes through' "$PATIENCE" hears 9000
kill "${talkers[early]}"
exec 8>&-
wait "$stale"

# --- a rule goes, a rule comes, while connections are open --------------------------

ok 'a bus is there' bus_up
daemon_configure <<'END'
[policy]
default-out=deny
END
ok 'the daemon protects' daemon_start
cat >"$DAEMON_DIR/rules" <<END
allow out program $TALK/ann to 192.0.2.3
allow out program $TALK/ann to 192.0.2.2
allow out program $TALK/ben
allow out program $TALK/ann to 2001:db8::2
allow out program $TALK/ann to 192.0.2.3 port 9009
END
ok 'rules are there' add_rules
begins doomed ann TCP:192.0.2.3:9001 9001
begins sibling ann TCP:192.0.2.2:9002 9002
begins stranger ben TCP:192.0.2.3:9003 9003
begins six ann 'TCP:[2001:db8::2]:9004' 9004
begins datagrams ben UDP:192.0.2.2:9005 9005
begins other-datagrams ben UDP:192.0.2.2:9006 9006

change 'the rule for one of them is removed' remove "$(rule_number 1 "$DAEMON_DIR/numbers")"
ended_by_error 'its connection ends' doomed
eventually 'on the other side with a reset' "$PATIENCE" is_reset 9001
nothing_after 'nothing of it arrived once the command had returned' 9001
goes_on sibling 9002
goes_on stranger 9003
goes_on six 9004
goes_on datagrams 9005
fails 'the next connection is refused' talk_once ann TCP:192.0.2.3:9001

change 'a rule against IPv6 is added' add "deny out program $TALK/ann to 2001:db8::2 port 9004"
ended_by_error 'its connection ends' six
eventually 'on the other side with a reset' "$PATIENCE" is_reset 9004
nothing_after 'nothing of it arrived once the command had returned' 9004
goes_on sibling 9002

change 'a rule against one flow of datagrams is added' \
  add "deny out program $TALK/ben to 192.0.2.2 protocol udp port 9005"
ended_by_error 'whose program is told' datagrams
nothing_after 'none arrived once the command had returned' 9005
goes_on other-datagrams 9006
goes_on stranger 9003

change 'a rule that drops silently is added' \
  add "drop out program $TALK/ben to 192.0.2.2 protocol udp port 9006"
nothing_after 'no datagram arrived once the command had returned' 9006
goes_on stranger 9003
nothing_after 'and none after that' 9006
ok 'the program was told nothing' kill "${talkers[other-datagrams]}"

# --- ask: not what is open, but what is next ------------------------------------------

change 'a rule says "ask" about what is open' add "ask out program $TALK/ben to 192.0.2.3"
goes_on stranger 9003
syns=$(peer_syn_count 9003)
fails 'the next connection is asked about, and there is nobody' talk_once ben TCP:192.0.2.3:9003
is 'so it did not arrive' "$(peer_syn_count 9003)" "$syns"
ok 'the log says why' grep -q '"by": *"nobody"' <(sallyport log --json)
goes_on stranger 9003
is 'and was never ended' "$(is_reset 9003 && echo reset)" ''

# --- an allow that runs out -------------------------------------------------------------

end=$(date -u -d "+$((30 * VM_PACE)) seconds" +%Y-%m-%dT%H:%M:%SZ)
change 'an allow for some seconds' add "allow out program $TALK/ann to 192.0.2.3 port 9007 until $end"
begins timed ann TCP:192.0.2.3:9007 9007
begins timed-datagrams ann UDP:192.0.2.2:9008 9008
goes_on timed 9007
ended_by_error 'it ends when the time is over' timed
eventually 'on the other side with a reset' "$PATIENCE" is_reset 9007
diag "the last of it arrived $(awk -v end="$(date -d "$end" +%s)" \
  '$2 == "tcp" && $3 == 9007 { last = $1 } END { printf "%.3f", last - end }' "$WITNESS_LOG") s after the end"
fails 'the next is refused' talk_once ann TCP:192.0.2.3:9007
goes_on timed-datagrams 9008
goes_on sibling 9002

# --- decided under the old policy, and halted before the kernel hears of it --------------

ok 'the daemon dies' daemon_kill
goes_on sibling 9002
ok 'one comes that halts when it has decided' daemon_start stop decided
talk late ann TCP:192.0.2.3:9009
eventually 'it halts with a new flow in its hands' "$PATIENCE" daemon_is_halted
sallyport rules add "deny out program $TALK/ann to 192.0.2.3 port 9009" >"$DAEMON_DIR/denied" 2>&1 &
denier=$!
eventually 'meanwhile somebody denies it, and waits' "$PATIENCE" asleep "$denier"
is 'nothing arrives so far' "$(peer_syn_count 9009)" 0
kill -CONT "$daemon"
wait "$denier"
is 'the denial is in force' $? 0
changed=$EPOCHREALTIME
ended_by_error 'the flow ends' late
nothing_after 'and nothing of it arrived after the denial' 9009
goes_on sibling 9002

tap_done
