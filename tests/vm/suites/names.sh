#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vm: --smp 1 --no-daemon --timeout 900
#
# Rules by name, with real resolvers and programs: later addresses, aliases, several
# names on one address, a stub on loopback, TCP; and replies that nobody asked for.
# Believed are the programs' exit statuses and what arrives at the peer.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=tests/lib/tap.sh
. "$here/../../lib/tap.sh"
# shellcheck source=tests/vm/lib/peer.sh
. "$here/../lib/peer.sh"
# shellcheck source=tests/vm/lib/daemon.sh
. "$here/../lib/daemon.sh"
# shellcheck source=tests/vm/lib/names.sh
. "$here/../lib/names.sh"

PATIENCE=60
FORGER=/run/forger.py

# A resolver of this machine, on loopback, as many have one.
stub_up() {
  dnsmasq --conf-file=/dev/null --no-resolv --no-hosts --user=root --pid-file=/run/stub.pid \
    --log-facility=/run/stub.log --bind-interfaces --listen-address=127.0.0.1 --server=192.0.2.2 &&
    echo nameserver 127.0.0.1 >/etc/resolv.conf
}

forger_up() {
  cp "$VM_TOP/tests/vm/lib/forger.py" "$FORGER"
  peer_serve forger /usr/bin/python3 "$FORGER" serve 192.0.2.5 192.0.2.6
  peer_wait_listens udp 5353
}

add_rules() {
  sallyport rules add - <<'END'
allow out to 192.0.2.2 protocol udp port 53
allow out to 192.0.2.2 protocol tcp port 53
allow out to 192.0.2.5 protocol udp port 53
allow out program /usr/bin/curl to shop.test
allow out program /usr/bin/curl to news.test
allow out program /usr/bin/curl to domain list.test
allow out program /usr/bin/curl to tcp.test
allow out program /usr/bin/curl to stub.test
allow out program /usr/bin/curl to later.test
allow out program like /usr/bin/python3* to domain forged.test
deny out to tracker.test
deny out to unseen.test
END
}

fetch() { names_fetch "$@"; }
python() { /usr/bin/python3 "$FORGER" "$@"; }
has_rule() { sallyport rules list --json | grep -qF -- "$1"; }

ok 'the peer is there' peer_up http
ok 'with more addresses' names_addresses 192.0.2.4 192.0.2.5 192.0.2.6 192.0.2.7 192.0.2.8 192.0.2.9
ok 'and a resolver, which this machine has' names_up shop.test=192.0.2.2,2001:db8::2 \
  news.test=192.0.2.4 tracker.test=192.0.2.4 sub.list.test=192.0.2.3 tcp.test=192.0.2.5 \
  stub.test=192.0.2.6 ask.test=192.0.2.7 later.test=192.0.2.8 unseen.test=192.0.2.9
ok 'the bus is there' bus_up
export RUNTIME_DIRECTORY=$DAEMON_DIR/memory
mkdir "$RUNTIME_DIRECTORY"
ok 'the daemon protects' daemon_start
ok 'rules: by the names of hosts and domains' add_rules
peer_count_reset

# --- the program's own look-up -------------------------------------------------------

ok 'curl goes to a host that it may go to, by IPv4' fetch -4 http://shop.test/
ok 'and by IPv6' fetch -6 http://shop.test/
cmp_ok 'both arrived' "$(peer_syn_count 80)" -eq 2
status_is 'not to an address that it did not ask for' 7 fetch http://192.0.2.3/
is 'nothing arrived there' "$(peer_syn_count 80 192.0.2.3)" 0
ok 'to a host of a domain' fetch http://sub.list.test/
ok 'by an alias' fetch http://www.shop.test/
ok 'by the address alone: it is the host that was asked for' fetch http://192.0.2.3/
ok 'by TCP' env RES_OPTIONS=use-vc curl --silent --max-time 90 http://tcp.test/
eventually 'the log has the name, and whose it is' "$PATIENCE" names_logged shop.test own

# --- several names on one address -----------------------------------------------------

before=$(peer_syn_count 80)
ok 'another program asks for the tracker' busybox nslookup tracker.test 192.0.2.2
ok 'curl goes to the news, which have the same address' fetch http://news.test/
cmp_ok 'it arrived' "$(peer_syn_count 80)" -eq $((before + 1))
status_is 'nobody may go to the tracker' 7 fetch http://tracker.test/
cmp_ok 'nothing arrived' "$(peer_syn_count 80)" -eq $((before + 1))

# --- another daemon -----------------------------------------------------------------------

# without a look-up
goes_on() { fetch http://192.0.2.3/; }
ok 'the daemon is killed' daemon_kill
ok 'another one protects' daemon_start
ok 'it knows a name that was looked up before: curl goes on to that address' goes_on
ok 'by the rule about it' names_logged sub.list.test own
ok 'a program is allowed everything but the tracker' \
  sallyport rules add 'allow out program /usr/bin/busybox protocol tcp'
before=$(peer_syn_count 80 192.0.2.4)
ok 'and goes where it wants' busybox wget -q -O /dev/null http://192.0.2.3/
fails 'not to the address for which it was told that name' busybox wget -q -O /dev/null http://192.0.2.4/
is 'nothing arrived' "$(peer_syn_count 80 192.0.2.4)" "$before"

# --- a name that nobody saw ------------------------------------------------------------

# What was told while there was no daemon could be any address's name.
reach() { busybox wget -q -O /dev/null "http://$1/"; }
ok 'the program goes to an address without a name' reach 192.0.2.9
before=$(peer_syn_count 80 192.0.2.9)
ok 'the daemon is killed' daemon_kill
ok 'the program is told a name meanwhile' busybox nslookup unseen.test 192.0.2.2
ok 'the next daemon protects' daemon_start
fails 'it does not know of what, so the program may not go there' reach 192.0.2.9
is 'nothing arrived' "$(peer_syn_count 80 192.0.2.9)" "$before"
ok 'where a name is known it may' reach 192.0.2.3

# --- forged replies --------------------------------------------------------------------

ok 'a server lies' forger_up
echo nameserver 192.0.2.5 >>/etc/resolv.conf
hears_the_truth() { python ask 192.0.2.5 192-0-2-4.forged.test && python go 192.0.2.3; }
eventually 'asked, it tells the truth among lies' "$PATIENCE" hears_the_truth
before=$(peer_syn_count 80 192.0.2.4)
status_is 'no lie has named an address' 7 python go 192.0.2.4
is 'nothing arrived' "$(peer_syn_count 80 192.0.2.4)" "$before"

# --- a stub on loopback ----------------------------------------------------------------

ok 'a resolver of the machine, on loopback' stub_up
goes_by_the_stub() { fetch http://stub.test/ && names_logged stub.test own; }
eventually 'a name by it, as the program asked for it' "$PATIENCE" goes_by_the_stub

# --- a daemon that hangs ------------------------------------------------------------------

# look_up SECONDS: and no longer.
look_up() { dig +short +tries=1 +time="$1" @192.0.2.2 shop.test; }

ok 'a name is looked up' look_up 30
ok 'the daemon hangs' kill -STOP "$daemon"
fails 'a reply waits for it' look_up 1
eventually 'but not for long' "$PATIENCE" look_up "$VM_PACE"
ok 'the daemon goes on' kill -CONT "$daemon"
eventually 'it sees replies again: a name that it did not know holds' "$PATIENCE" fetch http://later.test/
cmp_ok 'those that it did not see are counted' "$(counter reply-unseen)" -ge 1

# --- asked, by name ----------------------------------------------------------------------

agent_up
eventually 'somebody can be asked' "$PATIENCE" agents_registered 1
fetch http://ask.test/ >/dev/null 2>&1 </dev/null 9>&- &
program=$!
eventually 'curl waits, and a person is asked' "$PATIENCE" question_shown 1
ok 'about the name' agent_has 'curl wants to connect to ask\.test'
ok 'that the program asked for' agent_has 'Name: ask\.test \(this program looked it up\)'
agent_says allow always
wait "$program"
is 'allowed, it goes through' $? 0
ok 'by a rule about the name' has_rule 'to ask.test port 80'
agent_down

tap_done
