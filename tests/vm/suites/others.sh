#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vm: --no-daemon --timeout 400
#
# Beside others' rules: destination NAT of what leaves, masquerading, routes by mark,
# tables that come and go under traffic. A program is judged by the address that it
# asked for and by the device that its packets leave by; replies find their way.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=tests/lib/tap.sh
. "$here/../../lib/tap.sh"
# shellcheck source=tests/vm/lib/peer.sh
. "$here/../lib/peer.sh"
# shellcheck source=tests/vm/lib/daemon.sh
. "$here/../lib/daemon.sh"

rule() { sallyport rules add "$1" >>"$DAEMON_DIR/rules"; }
forget() { sallyport rules remove "$(tail -n 1 "$DAEMON_DIR/rules")"; }
fetch() { curl --silent --show-error --max-time 90 "http://$1/"; }
udp_says() { echo hello | timeout 60 socat -t30 - "UDP:$1:7" | grep -q hello; }

# --- the rules of others --------------------------------------------------------------

translated() {
  nft -f - <<'END'
table ip others {
  chain out {
    type nat hook output priority -100;
    ip daddr 203.0.113.80 dnat to 192.0.2.2
  }
}
END
}

masqueraded() {
  ip address add 192.0.2.77/24 dev eth0 && nft -f - <<'END'
table ip others {
  chain out {
    type nat hook postrouting priority srcnat;
    oif eth0 snat to 192.0.2.77
  }
}
END
}

# Port 8080 leaves by another device.
marked() {
  ip link add other0 type veth peer name other0 netns "$(peer_pid)" &&
    ip address add 10.7.0.2/24 dev other0 && ip link set other0 up &&
    peer_run ip address add 10.7.0.1/24 dev other0 && peer_run ip link set other0 up &&
    peer_run sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.other0.rp_filter=0 &&
    sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.other0.rp_filter=0 &&
    ip route add default via 10.7.0.1 dev other0 table 100 &&
    ip rule add fwmark 7 lookup 100 && nft -f - <<'END'
table ip others {
  chain out {
    type route hook output priority mangle;
    tcp dport 8080 meta mark set 7
  }
}
END
}

none() { nft delete table ip others; }

ok 'the peer and its servers are there' peer_up http echo
ok 'a bus' bus_up
ok 'the daemon protects' daemon_start
peer_count_reset

# --- destination NAT --------------------------------------------------------------------

ok 'what is sent to one address goes to the peer' translated
ok 'curl may go to the address that it asks for' rule 'allow out program /usr/bin/curl to 203.0.113.80'
ok 'and does' fetch 203.0.113.80
cmp_ok 'the peer gets it' "$(peer_syn_count 80)" -eq 1
ok 'socat likewise' rule 'allow out program /usr/bin/socat to 203.0.113.80'
ok 'is answered' udp_says 203.0.113.80
ok 'the first rule is gone' sallyport rules remove "$(rule_number 1 "$DAEMON_DIR/rules")"
ok 'curl may go to where it is sent on to' rule 'allow out program /usr/bin/curl to 192.0.2.2'
status_is 'that does not help it: it asked for another' 7 fetch 203.0.113.80
is 'nothing of it arrives' "$(peer_syn_count 80)" 1
ok 'those rules are gone' none

# --- masquerading -----------------------------------------------------------------------

ok 'the source is rewritten' masqueraded
ok 'curl is answered' fetch 192.0.2.2
fails 'socat may not' udp_says 192.0.2.2
ok 'with a rule' rule 'allow out program /usr/bin/socat to 192.0.2.2 protocol udp port 7'
ok 'it is answered' udp_says 192.0.2.2
ok 'those rules are gone' none

# --- routes by mark ---------------------------------------------------------------------

ok 'one port leaves by another device' marked
ok 'wget may go by eth0' rule 'allow out program /usr/bin/wget interface eth0'
fails 'not by the other' wget -q -t 1 -T 90 -O /dev/null http://192.0.2.2:8080/
is 'nothing of it arrives' "$(peer_syn_count 8080)" 0
ok 'it goes by eth0' wget -q -t 1 -T 90 -O /dev/null http://192.0.2.2/
ok 'it may go by the other' rule 'allow out program /usr/bin/wget interface other0'
ok 'and does' wget -q -t 1 -T 90 -O /dev/null http://192.0.2.2:8080/
cmp_ok 'the peer gets it' "$(peer_syn_count 8080)" -eq 1
ok 'those rules are gone' none

# --- tables that come and go --------------------------------------------------------------

churn() {
  while :; do
    nft 'add table ip churn; add chain ip churn out { type filter hook output priority 0; }'
    nft delete table ip churn
  done
}

# Of twenty connections each.
count_fetched() { # COMMAND...
  local left=20 got=0
  while [ $((left--)) -gt 0 ]; do
    ! "$@" >/dev/null 2>&1 || got=$((got + 1))
  done
  echo "$got"
}

peer_count_reset
churn &
churner=$!
is 'under tables that come and go what may passes' "$(count_fetched fetch 192.0.2.2)" 20
is 'and what may not does not' "$(count_fetched nc -N -w 5 192.0.2.2 80)" 0
is 'nor does it arrive' "$(peer_syn_count 80)" 20
kill "$churner"

tap_done
