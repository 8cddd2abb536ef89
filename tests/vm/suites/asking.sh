#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vm: --smp 1 --systemd --seat --timeout 600
#
# The way of a packet, end to end: programs of alice, who sits at the machine, go
# out to real servers; she is asked, and the answer is obeyed, kept, and known to
# the kernel. Believed are the programs' exit statuses and what arrives at the peer.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=tests/lib/tap.sh
. "$here/../../lib/tap.sh"
# shellcheck source=tests/vm/lib/peer.sh
. "$here/../lib/peer.sh"
# shellcheck source=tests/vm/lib/asking.sh
. "$here/../lib/asking.sh"

PATIENCE=60 # for what waits for an event; nothing is judged by it

curl_alice() { as_alice curl --silent --show-error --max-time 90 "http://$1/"; }

# In the background; ends_with checks its exit status.
begin() {
  "$@" >"$AGENT_DIR/program" 2>&1 </dev/null 9>&- &
  program=$!
}

ends_with() {
  wait "$program"
  is "$1" $? "$2"
}

fails_in_the_end() {
  wait "$program"
  isnt "$1" $? 0
}

# next_question WHAT: one more than were shown when the last was answered.
shown=0
next_question() {
  shown=$((shown + 1))
  eventually "$1" "$PATIENCE" question_shown "$shown"
}

# --- nobody to ask ---------------------------------------------------------------

ok 'alice sits at the machine' seat_ready
ok 'the peer and its servers are there' peer_up
eventually 'the daemon protects' "$PATIENCE" daemon_ready
eventually 'the rules of a new installation are there' "$PATIENCE" has_starter_rules
ok 'those about names are removed' names_are_asked_about
peer_count_reset

status_is 'with nobody to ask, curl is refused' 7 curl_alice 192.0.2.2
is 'and nothing arrived' "$(peer_syn_count 80)" 0

# --- asked, allowed always ---------------------------------------------------------

agent_start
eventually 'an agent is there' "$PATIENCE" agent_has 'Waiting for questions'
ok 'root allows netcat, for the whole machine' \
  sallyport rules add 'allow out program /usr/bin/nc.openbsd protocol tcp'

begin curl_alice 192.0.2.2
next_question 'curl waits, and alice is asked'
ok 'about its path' agent_has 'Program: /usr/bin/curl'
ok 'its user and process' agent_has 'User: alice, process [0-9]+'
ok 'its command line' agent_has 'Command line: curl .*http://192.0.2.2/'
ok 'and where it wants to go' agent_has 'Destination: 192.0.2.2 port 80, tcp, through eth0'
is 'nothing has arrived yet' "$(peer_syn_count 80)" 0
is 'known traffic flows on meanwhile' \
  "$(as_alice timeout 30 nc -N 192.0.2.2 7 <<<hello)" hello
agent_says allow always
ends_with 'allowed, curl goes through' 0
cmp_ok 'and its connection arrived' "$(peer_syn_count 80)" -eq 1

eventually 'the rule is there' "$PATIENCE" has_rule 'allow out program /usr/bin/curl'
before_upcalls=$(upcalls)
before_queued=$(queued)
ok 'a second curl goes through' curl_alice 192.0.2.2
is 'without an upcall' "$(upcalls)" "$before_upcalls"
is 'and without a packet in any queue' "$(queued)" "$before_queued"
is 'nobody was asked' "$(questions_shown)" "$shown"
cmp_ok 'it arrived' "$(peer_syn_count 80)" -eq 2

# --- denied ------------------------------------------------------------------------

ssh_alice() { as_alice ssh -o BatchMode=yes "$1" echo inside; }

begin ssh_alice 192.0.2.2
next_question 'ssh is asked about'
agent_says deny always
ends_with 'denied, the waiting ssh fails' 255
ok 'because its connection was refused' grep -q 'Connection refused' "$AGENT_DIR/program"
begin ssh_alice 192.0.2.2
ends_with 'and so does the next' 255
ok 'for the same reason' grep -q 'Connection refused' "$AGENT_DIR/program"
is 'nobody was asked again' "$(questions_shown)" "$shown"
is 'nothing arrived' "$(peer_syn_count 22)" 0

begin ssh_alice 192.0.2.3
next_question 'another host is another question'
agent_says allow always
ends_with 'allowed there, ssh runs its command' 0
ok 'and shows what it printed' grep -qx inside "$AGENT_DIR/program"

# --- once, not now -------------------------------------------------------------------

begin curl_alice '[2001:db8::2]'
next_question 'curl over IPv6 is asked about'
agent_says allow once
ends_with 'allowed once, it goes through' 0
begin curl_alice '[2001:db8::2]'
next_question 'the next one is asked about again'
agent_says not now
ends_with 'not now: it is refused' 7
status_is 'and the next without a question' 7 curl_alice '[2001:db8::2]'
is 'indeed without' "$(questions_shown)" "$shown"

# --- several at once ----------------------------------------------------------------

six_curls() {
  as_alice sh -c 'printf "%s\n" 1 2 3 4 5 6 |
    xargs -P 6 -I% curl --silent --show-error --max-time 90 -o /dev/null http://192.0.2.3/'
}

begin six_curls
next_question 'six connections of curl begin'
eventually 'all six wait' "$PATIENCE" flows_wait 6
is 'that is one question' "$(questions_shown)" "$shown"
begun=$program

begin as_alice ping -c 1 -W 60 192.0.2.2
eventually "ping's question does not wait for curl's answer" "$PATIENCE" questions_open 2
agent_says allow always
next_question 'then ping is shown'
agent_says allow once
ends_with 'ping comes back' 0
program=$begun
ends_with 'all six go through' 0
cmp_ok 'all six arrived' "$(peer_syn_count 80 192.0.2.3)" -eq 6

# --- UDP and ICMP -----------------------------------------------------------------------

begin as_alice getent ahosts shop.test
next_question "a look-up of a name is asked about"
agent_says allow always
ends_with 'allowed, the name is found' 0
ok 'its IPv4 address' grep -q '^192.0.2.2 ' "$AGENT_DIR/program"
ok 'and its IPv6 address: both datagrams of one socket survived the wait' \
  grep -q '^2001:db8::2 ' "$AGENT_DIR/program"
cmp_ok 'both queries arrived, and only once' "$(peer_count udp 53)" -eq 2

begin as_alice dig +tries=1 +time=60 @192.0.2.3 shop.test
next_question 'dig is asked about'
agent_says deny always
fails_in_the_end 'denied, it fails'
ok 'told so by its socket' grep -qi 'refused' "$AGENT_DIR/program"
# dig does not look at the error that sending gets, and waits all the same.
begin as_alice dig +tries=1 +time=10 @192.0.2.3 shop.test
fails_in_the_end 'the next fails too'
is 'nothing arrived' "$(peer_count udp 53 192.0.2.3)" 0

begin as_alice ping -c 1 -W 60 192.0.2.3
next_question 'ping is asked about again, for another host'
agent_says deny always
fails_in_the_end 'denied, it fails'
fails 'the next fails at once' as_alice ping -c 1 -W 60 192.0.2.3
is 'no echo request arrived' "$(peer_count icmp '' 192.0.2.3)" 0

begin as_alice ping -c 2 -W 60 2001:db8::2
next_question 'ping over IPv6 is asked about'
agent_says allow always
ends_with 'allowed, it comes back' 0
ok 'the next is not asked about' as_alice ping -c 1 -W 60 2001:db8::2
is 'indeed not' "$(questions_shown)" "$shown"

# --- a connection that is given up for listening ------------------------------------

malformed() { sallyport status --json | grep -q "\"malformed\": *$1[,}]"; }

mkfifo -m 666 /tmp/left
begin as_alice python3 "$VM_TOP/tests/vm/programs/left.py" 192.0.2.2 8080 /tmp/left
next_question 'a program is asked about'
eventually 'which listens on that socket by now' "$PATIENCE" grep -qx listens "$AGENT_DIR/program"
agent_says deny once
eventually 'what was held is no packet of a listener' "$PATIENCE" malformed 1
is 'and does not leave' "$(peer_syn_count 8080)" 0
echo >/tmp/left
ends_with 'it ends' 0

# --- a question that nobody answers --------------------------------------------------

agent_stop
mkdir -p /etc/sallyport
printf '[questions]\ndeadline-seconds=6\n' >/etc/sallyport/sallyport.conf
ok 'the daemon restarts, with a deadline of six seconds' systemctl restart sallyportd
eventually 'it protects' "$PATIENCE" daemon_ready
ok 'what was allowed before the restart is allowed' curl_alice 192.0.2.2
fails 'what was denied is denied' ssh_alice 192.0.2.2
rules_before=$(sallyport rules list --all --json | grep -c '"id"')
agent_start
shown=0
eventually 'an agent is there again' "$PATIENCE" agent_has 'Waiting for questions'
begin curl_alice 192.0.2.2:8080
next_question 'curl to another port is asked about'
ends_with 'nobody answers: it is refused' 7
is 'nothing arrived' "$(peer_syn_count 8080)" 0
eventually 'that is recorded' "$PATIENCE" answered_by deadline
is 'and makes no rule' "$(sallyport rules list --all --json | grep -c '"id"')" "$rules_before"
agent_stop

# --- without the daemon -----------------------------------------------------------------

ok 'the daemon stops' systemctl stop sallyportd
ok 'what was allowed goes on' curl_alice 192.0.2.2
status_is 'what is unknown is refused' 7 curl_alice 192.0.2.2:8080
is 'nothing of it arrived' "$(peer_syn_count 8080)" 0

tap_done
