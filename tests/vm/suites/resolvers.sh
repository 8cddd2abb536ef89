#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# part: long
# vm: --smp 1 --no-daemon --unpack resolvers --timeout 900
#
# Rules by name, with the resolvers that machines have: unbound, bind9, systemd-resolved by
# its stub and behind nss-resolve; TCP in segments that cut messages; mDNS and LLMNR, which
# anybody may answer; names that programs of another namespace are told by a resolver here.
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
RUN=/run/resolvers
mkdir -p "$RUN"
cp "$VM_TOP"/tests/vm/lib/{forger,local_names}.py "$RUN/"

python() { /usr/bin/python3 "$RUN/$1.py" "${@:2}"; }
goes() { python forger go "$1"; }

# --- the servers ----------------------------------------------------------------------

unbound_up() {
  cat >"$RUN/unbound.conf" <<END
server:
  username: ""
  chroot: ""
  directory: "$RUN"
  pidfile: ""
  use-syslog: no
  interface: 127.0.0.2
  module-config: "iterator"
  local-zone: "test." nodefault
forward-zone:
  name: "."
  forward-addr: 192.0.2.2
remote-control:
  control-enable: no
END
  unbound -d -c "$RUN/unbound.conf" </dev/null >"$VM_RESULTS/unbound.log" 2>&1 9>&- &
}

named_up() {
  ip address add 127.0.0.3/8 dev lo || return 1
  cat >"$RUN/named.conf" <<END
options {
  directory "$RUN"; pid-file none; session-keyfile none;
  listen-on { 127.0.0.3; }; listen-on-v6 { none; };
  forwarders { 192.0.2.2; }; forward only; dnssec-validation no;
  max-cache-size 16m;
};
controls { };
END
  named -f -c "$RUN/named.conf" </dev/null >"$VM_RESULTS/named.log" 2>&1 9>&- &
}

# What Debian's packages would have made.
resolved_user() {
  grep -q '^systemd-resolve:' /etc/group || echo 'systemd-resolve:x:991:' >>/etc/group
  grep -q '^systemd-resolve:' /etc/passwd ||
    echo 'systemd-resolve:x:991:991::/:/usr/sbin/nologin' >>/etc/passwd
}

resolved_up() {
  install -d -o systemd-resolve -g systemd-resolve /run/systemd/resolve
  cat >/etc/systemd/resolved.conf <<END
[Resolve]
DNS=192.0.2.2
FallbackDNS=
DNSSEC=no
LLMNR=no
MulticastDNS=no
END
  echo '192.0.2.10 only.resolved.test' >>/etc/hosts
  /lib/systemd/systemd-resolved </dev/null >"$VM_RESULTS/resolved.log" 2>&1 9>&- &
}

answers() { dig +short +tries=1 +time=5 "@$1" "$2" | grep -q '^192'; }

add_rules() {
  sallyport rules add - <<'END'
allow out to 192.0.2.2 protocol udp port 53
allow out to 192.0.2.2 protocol tcp port 53
allow out to 192.0.2.14 protocol tcp port 53
allow out program /usr/bin/curl to domain unbound.test
allow out program /usr/bin/curl to domain bind.test
allow out program /usr/bin/curl to domain resolved.test
allow out program /usr/bin/curl to domain outside.test
allow out program like /usr/bin/python3* to pieces.test
allow out protocol udp to multicast
allow in protocol udp from lan
allow out program like /usr/bin/python3* to 192-0-2-11.local
allow out program /usr/bin/busybox protocol tcp
deny out to 192-0-2-12.local
deny out to evil.local
END
}

ok 'the peer is there' peer_up http
ok 'with more addresses' names_addresses 192.0.2.{4..19}
ok 'and a resolver' names_up a.unbound.test=192.0.2.4 b.unbound.test=192.0.2.5 \
  a.bind.test=192.0.2.6 b.bind.test=192.0.2.7 a.resolved.test=192.0.2.8 b.resolved.test=192.0.2.9 \
  a.outside.test=192.0.2.17
ok "systemd-resolved's user is there" resolved_user
ok 'the bus is there' bus_up
ok 'the daemon protects' daemon_start
ok 'rules: by the names of hosts and domains' add_rules
peer_count_reset

# through SERVER ADDRESS DOMAIN FIRST SECOND: names of the domain, asked of what is there
through() {
  echo "nameserver $2" >/etc/resolv.conf
  status_is "$1: not to an address that nobody asked for" 7 names_fetch "http://$4/"
  eventually 'it answers' "$PATIENCE" answers "$2" "a.$3"
  eventually 'to the host that it asked for' "$PATIENCE" names_fetch "http://a.$3/"
  ok 'by TCP, too' env RES_OPTIONS=use-vc curl --silent --max-time 90 "http://b.$3/"
  cmp_ok 'both arrived' "$(peer_syn_count 80 "$4")$(peer_syn_count 80 "$5")" -ge 11
  eventually 'it looked the name up itself, says the log' "$PATIENCE" names_logged "a.$3" own
}

ok 'unbound starts' unbound_up
through unbound 127.0.0.2 unbound.test 192.0.2.4 192.0.2.5
ok 'bind9 starts' named_up
through bind9 127.0.0.3 bind.test 192.0.2.6 192.0.2.7

# --- systemd-resolved -------------------------------------------------------------------

ok 'systemd-resolved starts' resolved_up
through "systemd-resolved's stub" 127.0.0.53 resolved.test 192.0.2.8 192.0.2.9
sed -i 's/^hosts:.*/hosts: resolve [!UNAVAIL=return] dns/' /etc/nsswitch.conf
status_is 'not to an address that resolved has from a file' 7 names_fetch http://192.0.2.10/
eventually 'by nss-resolve, to a host that nobody asks a server for' "$PATIENCE" \
  names_fetch http://only.resolved.test/
cmp_ok 'it arrived' "$(peer_syn_count 80 192.0.2.10)" -ge 1
eventually "the log says that it is the resolver's word" "$PATIENCE" names_logged only.resolved.test system
sed -i 's/^hosts:.*/hosts: dns/' /etc/nsswitch.conf
echo 'nameserver 192.0.2.2' >/etc/resolv.conf

# --- TCP in pieces ------------------------------------------------------------------------

peer_serve pieces /usr/bin/python3 "$RUN/local_names.py" pieces 192.0.2.14
ok 'a server that cuts its messages' peer_wait_listens tcp 53
printf 'nameserver 192.0.2.2\nnameserver 192.0.2.14\n' >/etc/resolv.conf
status_is 'not to an address that python did not ask for' 7 goes 192.0.2.15
asks_in_pieces() { python local_names tcp 192.0.2.14 text.evil.test pieces.test && goes 192.0.2.15; }
eventually 'several messages in segments of their own cut: to the host that it asked for' "$PATIENCE" \
  asks_in_pieces
status_is 'not to where a text says, which looks like an answer' 7 goes 192.0.2.16
is 'nothing arrived there' "$(peer_syn_count 80 192.0.2.16)" 0

# --- mDNS and LLMNR ------------------------------------------------------------------------

peer_serve network /usr/bin/python3 "$RUN/local_names.py" network 192.0.2.2
ok 'somebody answers in the local network' peer_wait_listens udp 5355
ok 'a host is asked for by mDNS' python local_names mdns 192-0-2-11.local
status_is 'a rule that allows it allows nothing: anybody can have answered' 7 goes 192.0.2.11
is 'nothing arrived' "$(peer_syn_count 80 192.0.2.11)" 0
eventually 'the log says whose word it is' "$PATIENCE" names_logged 192-0-2-11.local network
ok 'another, by a one-shot query' python local_names oneshot 192-0-2-12.local
fails 'a rule that denies it holds' busybox wget -q -O /dev/null http://192.0.2.12/
is 'nothing arrived' "$(peer_syn_count 80 192.0.2.12)" 0
ok 'a name that nobody asked for is none' busybox wget -q -O /dev/null http://192.0.2.13/
ok 'a host is asked for by LLMNR' python local_names llmnr 192-0-2-18
ok 'it may be gone to' busybox wget -q -O /dev/null http://192.0.2.18/
eventually 'the log says whose word it is' "$PATIENCE" names_logged 192-0-2-18 network

# --- another network namespace ---------------------------------------------------------------

# As containers are: root's, on a bridge of their own, with a resolver outside.
container_up() {
  ip netns add container &&
    ip link add bridge0 type veth peer name eth0 netns container &&
    ip address add 10.88.0.1/24 dev bridge0 && ip link set bridge0 up &&
    ip -n container address add 10.88.0.2/24 dev eth0 && ip -n container link set eth0 up &&
    ip -n container route add default via 10.88.0.1 &&
    echo 1 >/proc/sys/net/ipv4/ip_forward &&
    peer_run ip route add 10.88.0.0/24 via 192.0.2.1 &&
    dnsmasq --conf-file=/dev/null --no-resolv --no-hosts --user=root --pid-file= \
      --bind-interfaces --listen-address=10.88.0.1 --server=192.0.2.2
}
# With the machine's own files: a program in a mount namespace has no proven path.
inside() { nsenter --net=/run/netns/container "$@"; }

name_is_missed() {
  sallyport log --json | tr -d ' \n' | grep -o '{[^}]*}' | grep -F "\"remote\":\"$1\"" |
    grep -qF '"names-missed":true'
}

echo 'nameserver 10.88.0.1' >/etc/resolv.conf
ok 'a namespace of root, its resolver outside' container_up
ok 'its programs may ask it' sallyport rules add 'allow out to 10.88.0.1 protocol udp port 53'
status_is 'not to an address that nobody asked for' 7 inside curl --silent --max-time 90 http://192.0.2.17/
eventually 'to a host whose name the resolver asked for' "$PATIENCE" \
  inside curl --silent --max-time 90 http://a.outside.test/
cmp_ok 'it arrived' "$(peer_syn_count 80 192.0.2.17)" -ge 1
eventually 'the log says that another program did' "$PATIENCE" names_logged a.outside.test other

ok 'what anybody may do' sallyport rules add 'allow out protocol tcp port 80'
ok 'here an address without a name has none' curl --silent --max-time 90 http://192.0.2.19/
status_is 'there it may have any, as nobody sees what is looked up: also one that is denied' 7 \
  inside curl --silent --max-time 90 http://192.0.2.19/
is 'only the one from here arrived' "$(peer_syn_count 80 192.0.2.19)" 1
eventually 'the log says that its name is not known' "$PATIENCE" name_is_missed 192.0.2.19
ok 'what has a name has that one' inside curl --silent --max-time 90 http://192.0.2.17/

tap_done
