#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vm: --smp 1 --systemd --seat --timeout 600
#
# What waits in a queue is lost: whoever unregisters a hook of netfilter's, as nft
# does with a table, drops all that is queued there, ours too. The question stays,
# retransmission brings the connection back, the answer is obeyed.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=tests/lib/tap.sh
. "$here/../../lib/tap.sh"
# shellcheck source=tests/vm/lib/peer.sh
. "$here/../lib/peer.sh"
# shellcheck source=tests/vm/lib/asking.sh
. "$here/../lib/asking.sh"

PATIENCE=60 # for what waits for an event; nothing is judged by it

# In the background; ends_with checks its exit status.
begin() {
  as_alice "$@" >"$AGENT_DIR/program" 2>&1 </dev/null 9>&- &
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

# Packets that wait in any queue.
waiting() { awk '{ sum += $3 } END { print sum + 0 }' /proc/net/netfilter/nfnetlink_queue; }

# Another's table comes and goes.
table_goes() {
  nft -f - <<'END_OF_TABLE' && nft delete table inet others
table inet others {
  chain out { type filter hook output priority 0; policy accept; }
}
END_OF_TABLE
}

# The packet is not there any more, or another is already: never both.
lose() {
  local before
  before=$(queued)
  is "$1: one packet waits" "$(waiting)" 1
  ok "$1: a table of others is deleted" table_goes
  eventually "$1: the connection's next segment is queued" "$PATIENCE" requeued "$before"
  is "$1: the first was lost" "$(waiting)" 1
  is "$1: nobody was asked again" "$(questions_shown)" "$shown"
}

counted() {
  [ "$(sallyport status --json | grep -o '"held-lost": *[0-9]*' | grep -o '[0-9]*$')" -ge "$1" ]
}

# More went through a queue than before, and one is there.
requeued() { [ "$(queued)" -gt "$1" ] && [ "$(waiting)" -ge 1 ]; }

ok 'alice sits at the machine' seat_ready
ok 'the peer and its servers are there' peer_up
eventually 'the daemon protects' "$PATIENCE" daemon_ready
eventually 'the rules of a new installation are there' "$PATIENCE" has_starter_rules
ok 'those about names are removed' names_are_asked_about
agent_start
eventually 'an agent is there' "$PATIENCE" agent_has 'Waiting for questions'
peer_count_reset

# --- before the answer ---------------------------------------------------------------

begin curl --silent --show-error --max-time 90 http://192.0.2.2/
next_question 'curl waits, and alice is asked'
lose 'lost before the answer'
is 'nothing has arrived' "$(peer_syn_count 80)" 0
agent_says allow always
ends_with 'allowed, curl goes through' 0
is 'its connection arrived once' "$(peer_syn_count 80)" 1
ok 'the next goes through without a question' as_alice curl -s -m 90 http://192.0.2.2/
is 'indeed without' "$(questions_shown)" "$shown"

# --- between the loss and the next segment -------------------------------------------

begin curl --silent --show-error --max-time 90 'http://[2001:db8::2]/'
next_question 'curl over IPv6 waits'
ok 'a table of others is deleted' table_goes
agent_says allow once
ends_with 'answered when nothing is queued: the next segment goes through' 0
is 'its connection arrived once, over IPv6' "$(peer_syn_count 80 2001:db8::2)" 1

# --- denied --------------------------------------------------------------------------

begin ssh -o BatchMode=yes 192.0.2.2 echo inside
next_question 'ssh waits'
lose 'lost before it is denied'
agent_says deny always
ends_with 'denied, ssh fails' 255
ok 'because its connection was refused' grep -q 'Connection refused' "$AGENT_DIR/program"
is 'nothing of it arrived' "$(peer_syn_count 22)" 0

# --- a datagram, which nobody sends again but its program ----------------------------

begin dig +tries=5 +time=5 @192.0.2.2 shop.test
next_question 'dig waits'
ok 'a table of others is deleted again' table_goes
agent_says allow always
ends_with 'allowed, dig has its answer: it asked again' 0
cmp_ok 'a query arrived' "$(peer_count udp 53)" -ge 1
eventually 'what was lost is counted' "$PATIENCE" counted 3
agent_stop

tap_done
