#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vm: --no-daemon --timeout 600
# part: long
#
# What programs did, recorded and replayed: curl, dig, apt, ssh and ping against real
# servers. Judged again by the rules of that time each flow is decided as it was; by
# others those change that they are about. tests/policy/replay has one such recording;
# the results folder of a run has the next (recorded.flows, recorded.rules).

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=tests/lib/tap.sh
. "$here/../../lib/tap.sh"
# shellcheck source=tests/vm/lib/peer.sh
. "$here/../lib/peer.sh"
# shellcheck source=tests/vm/lib/daemon.sh
. "$here/../lib/daemon.sh"

PATIENCE=60
FLOWS=$VM_RESULTS/recorded.flows
RULES=$VM_RESULTS/recorded.rules

add_rules() {
  sallyport rules add - <<'END'
log allow out to 192.0.2.2 protocol udp port 53
allow out program /usr/bin/curl to shop.test protocol tcp port 80
allow out program /usr/bin/curl to 2001:db8::/32 protocol tcp
allow out program like /usr/lib/apt/methods/* to domain test protocol tcp port 80
allow out program /usr/bin/ssh protocol tcp port 22 interface eth0
allow out program /usr/bin/ping
drop out program /usr/bin/curl to 192.0.2.3
deny out to tracker.test
deny out # what nothing else says
allow in protocol tcp port 7000-7999 from 192.0.2.0/24
deny in
END
}

export_rules() { sallyport rules export >"$RULES"; }
fetch() { curl --silent --show-error --output /dev/null --max-time 5 "$@"; }
listens() { grep -q ':1B58 [0-9A-F]*:[0-9A-F]* 0A ' /proc/net/tcp /proc/net/tcp6; }
record() { sallyport log --all --number 1000 --flows >"$FLOWS"; }
# recorded COUNT REGEX: at least so many such flows
recorded() { record && [ "$(grep -cE -- "$2" "$FLOWS")" -ge "$1" ]; }
replay() { sallyport rules check --flows "$FLOWS" "$1"; }
without() { grep -v -- "$1" "$RULES"; }

ok 'the peer is there' peer_up http dns ssh
ok 'the bus is there' bus_up
ok 'the daemon protects' daemon_start
ok 'rules' add_rules
ok 'they are exported' export_rules

# --- what programs do ------------------------------------------------------------------

for _ in 1 2 3; do
  ok 'curl goes to a host' fetch -4 http://shop.test/
done
ok 'by IPv6, too' fetch -6 http://shop.test/
status_is 'not to the tracker, which is silent' 28 fetch -4 http://tracker.test/
status_is 'nor anywhere else' 7 fetch http://192.0.2.2:8080/
ok 'dig asks' dig +short +tries=1 shop.test @192.0.2.2
before=$(peer_syn_count 80)
/usr/lib/apt/apt-helper download-file http://shop.test/ /run/page >/dev/null 2>&1 # pages are no packages
cmp_ok 'apt goes to the host' "$(peer_syn_count 80)" -gt "$before"
status_is 'ssh goes to the peer, which knows nobody from here' 255 \
  ssh -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null 192.0.2.2 true
ok 'ping' ping -c 1 -W 5 192.0.2.2
nc -l -p 7000 >/dev/null 2>&1 </dev/null 9>&- &
eventually 'somebody listens here' "$PATIENCE" listens
ok 'and is reached' peer_run nc -z -w 5 192.0.2.1 7000
fails 'not on another port' peer_run nc -z -w 2 192.0.2.1 23

# --- recorded ------------------------------------------------------------------------

for flow in '3 ^allow .*curl .*called shop' '1 ^allow .*curl .*2001:db8' '1 ^deny .*curl' \
  '1 ^allow .*dig ' '1 ^allow .*apt/methods/http ' '1 ^allow .*bin/ssh ' '1 ^allow .*ping ' \
  '1 ^allow in .*port 7000'; do
  eventually "recorded: $flow" "$PATIENCE" recorded "${flow%% *}" "${flow#* }"
done
all=$(wc -l <"$FLOWS")
is 'each is decided as it was' "$(replay "$RULES" | tail -n 1)" \
  "$all flows: 0 would be decided else, 0 can't be told by what is recorded"
without 'curl owner system protocol tcp to shop.test' >/run/candidate
changed=$(grep -c '^allow .*/curl .*tcp to 192.0.2.2 ' "$FLOWS")
like 'without a rule its flows change, and no others' "$(replay /run/candidate | tail -n 1)" \
  "$all flows: $changed would be"
is 'to what the next rule says' "$(replay /run/candidate | grep -c 'would be: deny')" "$changed"
like 'what a rule with "log" decided is in the log' "$(cat "$VM_RESULTS/daemon.log")" \
  'rule [0-9]+: allow out, /usr/bin/(dig|curl) of uid 0, UDP to 192.0.2.2 \(shop.test\) port 53'
unlike 'and nothing else' "$(cat "$VM_RESULTS/daemon.log")" 'rule [0-9]+: (allow|deny) out.* TCP'
daemon_kill
tap_done
