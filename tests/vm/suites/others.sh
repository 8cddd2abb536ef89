#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vm: --no-daemon --timeout 600
#
# Beside others' rules: destination NAT of what leaves, masquerading, routes by mark,
# a device that goes down or gets another name, transparent proxying, tables that come
# and go under traffic. A program is judged by the address that it asked for and by the
# device that its packets leave by; replies find their way.

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

# --- a device that goes down, with a socket open ------------------------------------------

# The same place by the other device, and by eth0 when that is down.
two_ways() {
  peer_run ip address add 203.0.113.1/32 dev lo &&
    ip route add 203.0.113.1 via 10.7.0.1 dev other0 && peer_run nft -f - <<'END'
table ip ways {
  chain in {
    type filter hook prerouting priority -400;
    ip daddr 203.0.113.1 iif eth0 counter
    ip daddr 203.0.113.1 iif other0 counter
  }
}
END
}

arrived_by() {
  peer_run nft list table ip ways | awk -v device="\"$1\"" '
    { for (i = 1; i < NF; i++) if ($i == device) sub(/.*packets /, "") && found = $1 }
    END { print found + 0 }'
}

# Bound to that place, or the answer would come from another of the peer's.
serve_place() {
  peer_serve place python3 -c '
import socket
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.bind(("203.0.113.1", 9007))
while True:
    sock.sendto(*sock.recvfrom(10))' && peer_wait_listens udp 9007
}

# One socket: datagrams until it is answered; then so many more as are asked for.
cat >"$DAEMON_DIR/keeps" <<'END'
import socket, sys
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.connect(("203.0.113.1", 9007))
sock.settimeout(0.2)
def send():
    try:
        sock.send(b"x")
        return sock.recv(10)
    except OSError:
        return b""
while not send():
    pass
print("answered", flush=True)
for line in sys.stdin:
    answers = sum(1 for _ in range(int(line)) if send())
    print(answers, flush=True)
END

keeps() { # NUMBER: answers to so many more
  local answers
  echo "$1" >&"${keeper[1]}" && read -r -t 60 answers <&"${keeper[0]}" && echo "$answers"
}

all_answered() { [ "$(keeps 5)" = 5 ]; }
none_answered() { [ "$(keeps 5)" = 0 ]; }

PYTHON=$(readlink -f /usr/bin/python3)
ok 'one place by two ways' two_ways
ok 'somebody there' serve_place
# Denied else, not asked about: that would leave an open flow as it is.
ok 'python may go nowhere' rule "deny out program $PYTHON"
ok 'but there by the other device' rule "allow out program $PYTHON interface other0"
coproc keeper { exec "$PYTHON" "$DAEMON_DIR/keeps" 2>&1; }
read -r -t 60 word <&"${keeper[0]}"
is 'it is answered' "$word" answered
ok 'the other device goes down' ip link set other0 down
ok 'now the way there is by eth0' eval 'ip route get 203.0.113.1 | grep -q "dev eth0"'
is 'the same socket is not answered' "$(keeps 10)" 0
is 'nothing of it arrives by eth0' "$(arrived_by eth0)" 0
ok 'the device is there again' eval 'ip link set other0 up && ip route add 203.0.113.1 via 10.7.0.1 dev other0'
is 'so is the answer' "$(keeps 5)" 5
ok 'it gets another name' eval 'ip link set other0 down && ip link set other0 name renamed0 && ip link set renamed0 up && ip route add 203.0.113.1 via 10.7.0.1 dev renamed0'
# As soon as the daemon has heard of it, which nobody is told.
eventually 'which the rule does not have' 60 none_answered
ok 'the old name is back' eval 'ip link set renamed0 down && ip link set renamed0 name other0 && ip link set other0 up && ip route add 203.0.113.1 via 10.7.0.1 dev other0'
eventually 'and the answer' 60 all_answered
# shellcheck disable=SC2154 # made by coproc
kill "$keeper_PID" && wait "$keeper_PID" 2>/dev/null

# --- transparent proxying ------------------------------------------------------------------

# What the peer sends to anybody's port 8088 is for who listens at 8090 here.
proxied() {
  modprobe nft_tproxy && peer_run ip route add 198.51.100.0/24 via 192.0.2.1 &&
    ip rule add fwmark 9 lookup 101 && ip route add local 0.0.0.0/0 dev lo table 101 &&
    nft -f - <<'END'
table ip others {
  chain in {
    type filter hook prerouting priority mangle;
    tcp dport 8088 tproxy to :8090 meta mark set 9 accept
  }
}
END
}

cat >"$DAEMON_DIR/proxy" <<'END'
import socket, sys
server = socket.socket()
server.setsockopt(socket.SOL_IP, 19, 1)   # IP_TRANSPARENT
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind(("", 8090))
server.listen()
print("listens", flush=True)
while True:
    sock = server.accept()[0]
    sock.sendall(sock.getsockname()[0].encode())
    sock.close()
END

asks_anybody() {
  peer_run timeout 20 python3 -c '
import socket
sock = socket.create_connection(("198.51.100.9", 8088), 5)
print(sock.recv(100).decode())' 2>/dev/null
}

ok 'what comes for anybody is proxied' proxied
coproc proxy { exec "$PYTHON" "$DAEMON_DIR/proxy" 2>&1; }
read -r -t 60 word <&"${proxy[0]}"
is 'the proxy listens' "$word" listens
fails 'it may not be connected to' asks_anybody
ok 'it may' rule "allow in program $PYTHON"
is 'it stands for who was asked' "$(asks_anybody)" 198.51.100.9
ok 'it may not any more' forget
fails 'and is not' asks_anybody
# shellcheck disable=SC2154 # made by coproc
kill "$proxy_PID" && wait "$proxy_PID" 2>/dev/null
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
