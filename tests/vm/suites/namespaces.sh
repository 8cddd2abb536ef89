#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vm: --no-daemon --timeout 600
#
# Network namespaces. In those of the machine (containers of root) each program is
# judged inside: by rules, by questions, also when it is asked from outside. In a
# user's own nothing is judged, but the program that carries it out is. Believed are
# exit statuses, what arrives at the peer, and the kernel's own list of queues.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=tests/lib/tap.sh
. "$here/../../lib/tap.sh"
# shellcheck source=tests/vm/lib/peer.sh
. "$here/../lib/peer.sh"
# shellcheck source=tests/vm/lib/daemon.sh
. "$here/../lib/daemon.sh"
# shellcheck source=tests/vm/lib/attack.sh
. "$here/../lib/attack.sh"

PATIENCE=90 # for what waits for an event; nothing is judged by it

# container NAME NUMBER: a namespace with a line to the peer: 10.9.NUMBER.2 here and
# 10.9.NUMBER.1 there, where a device has the container's name.
container() {
  ip netns add "$1" && container_connect "$@"
}

container_connect() {
  inside "$1" ip link add eth0 type veth peer name "$1" netns "$(peer_pid)" || return 1
  line_up 1 "$@" | peer_run bash && {
    line_up 2 eth0 "$2"
    echo ip link set lo up
    echo ip route add default via "10.9.$2.1"
  } | inside "$1" bash
}

line_up() {
  cat <<END
set -e
echo 0 >/proc/sys/net/ipv6/conf/$2/accept_dad
ip address add 10.9.$3.$1/24 dev $2
ip address add 2001:db8:9:$3::$1/64 dev $2 nodad
ip link set $2 up
END
}

inside() { nsenter --net="/run/netns/$1" -- "${@:2}"; }

# The kernel's own list: a line for each queue that somebody has bound there.
queues() { inside "$1" grep -c '^ *520[0-2] ' /proc/net/netfilter/nfnetlink_queue; }
queues_in() { [ "$(queues "$1")" = 3 ]; }
no_queues_in() { [ "$(queues "$1")" = 0 ]; }

table_goes_in() {
  inside "$1" nft -f - <<'END' && inside "$1" nft delete table inet others
table inet others {
  chain out { type filter hook output priority 0; policy accept; }
}
END
}

counted() { [ "$(counter "$1")" -ge 1 ]; }

curl=(curl --silent --show-error --max-time 80)
fetch() { inside "$1" "${curl[@]}" "http://$2/"; }
begin_fetch() { begin nsenter --net="/run/netns/$1" -- "${curl[@]}" "http://$2/"; }

udp_says() { inside "$1" timeout $((20 * VM_PACE)) socat -t$((5 * VM_PACE)) - "UDP:$2:7" <<<hello | grep -q hello; }

# In the background; ends_with checks its exit status. A program, not a function of
# ours: it can be killed.
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

rule() { sallyport rules add "$1" >>"$DAEMON_DIR/rules"; }

peer_has_device() { peer_run ip link show "$1"; }
peer_lacks_device() { ! peer_has_device "$1"; }

ok 'the peer and its servers are there' peer_up http echo
ok 'a bus' bus_up
ok 'a container is there before the daemon' container c1 1
ok 'the daemon protects' daemon_start
peer_count_reset

# --- by rule --------------------------------------------------------------------------

eventually 'it has queues in the container before anything is sent there' "$PATIENCE" queues_in c1
ok 'curl may go to one port' \
  rule 'allow out program /usr/bin/curl to 10.9.0.0/16 protocol tcp port 80'
ok 'and over IPv6' rule 'allow out program /usr/bin/curl to 2001:db8:9::/48 protocol tcp port 80'
ok 'by that rule it goes through, in the container' fetch c1 10.9.1.1
ok 'over IPv6, too' fetch c1 '[2001:db8:9:1::1]'
cmp_ok 'and arrives' "$(peer_syn_count 80 10.9.1.1)" -eq 1
status_is 'not to another port' 7 fetch c1 10.9.1.1:8080
is 'nothing of it arrives' "$(peer_syn_count 8080)" 0
fails 'another program does not' inside c1 nc -N -w 30 10.9.1.1 80
is 'nothing of it arrives' "$(peer_syn_count 80 10.9.1.1)" 1
fails 'UDP is refused to who has no rule' udp_says c1 192.0.2.2
is 'nothing of it arrives' "$(peer_count udp 7)" 0
ok 'with a rule' rule 'allow out program /usr/bin/socat protocol udp port 7'
ok 'it is answered' udp_says c1 192.0.2.2
fails 'ping is refused' inside c1 ping -c 1 -W 2 10.9.1.1
is 'nothing of it arrives' "$(peer_count icmp)" 0
ok 'a rule by interface' rule 'allow out program /usr/bin/ping interface eth0'
ok 'allows here, where that is the name of a device' ping -c 1 -W 20 192.0.2.2
fails 'but not in the container, where it is as well' inside c1 ping -c 1 -W 2 10.9.1.1

# --- inbound --------------------------------------------------------------------------

from_peer() { peer_run timeout $((30 * VM_PACE)) nc -N -w $((10 * VM_PACE)) "$1" 7000 <<<hello; }

nsenter --net=/run/netns/c1 -- socat TCP4-LISTEN:7000,fork,reuseaddr PIPE </dev/null >/dev/null 2>&1 &
listener=$!
fails 'from outside nobody gets in' from_peer 10.9.1.2
ok 'with a rule' rule 'allow in program /usr/bin/socat protocol tcp port 7000'
is 'somebody does' "$(from_peer 10.9.1.2)" hello

# --- asked ----------------------------------------------------------------------------

agent_up
eventually 'an agent is there' "$PATIENCE" agents_registered 1
begin_fetch c1 10.9.1.1:8080
next_question 'curl waits in the container, and root is asked'
is 'nothing has arrived yet' "$(peer_syn_count 8080)" 0
ok 'what waits there is lost: a table of the container comes and goes' table_goes_in c1
agent_says allow once
ends_with 'allowed, it goes through' 0
eventually 'what was lost is counted' "$PATIENCE" counted held-lost
cmp_ok 'and arrives' "$(peer_syn_count 8080)" -eq 1
begin nsenter --net=/run/netns/c1 -- wget -q -t 1 -O /dev/null http://10.9.1.1:8080/
next_question 'wget is another question'
agent_says deny always
ends_with 'denied, it fails' 4
status_is 'and so does the next' 4 inside c1 wget -q -t 1 -O /dev/null http://10.9.1.1:8080/
is 'nobody was asked again' "$(questions_shown)" "$shown"
is 'and nothing arrived' "$(peer_syn_count 8080)" 1

# --- a second one ---------------------------------------------------------------------

ok 'a second container' container c2 2
ok 'what is decided holds there at once' fetch c2 10.9.2.1
status_is 'and so does what is denied' 4 inside c2 wget -q -t 1 -O /dev/null http://10.9.2.1:8080/
begin_fetch c2 10.9.2.1:8080
next_question 'what is not is asked'
agent_says deny once
ends_with 'denied, it fails' 7
is 'and nothing arrives' "$(peer_syn_count 8080 10.9.2.1)" 0

# --- one that ends --------------------------------------------------------------------

ok 'the second is taken away' ip netns delete c2
eventually 'the daemon does not keep it alive' "$PATIENCE" peer_lacks_device c2
ok 'a third one' container c3 3
begin_fetch c3 10.9.3.1:8080
next_question 'a question is open there'
ok 'its program is killed' kill -KILL "$program"
ok 'and the container taken away' ip netns delete c3
eventually 'nobody is asked any more' "$PATIENCE" questions_open 0
eventually 'and it is gone' "$PATIENCE" peer_lacks_device c3
is 'nothing arrived' "$(peer_syn_count 8080 10.9.3.1)" 0

# --- somebody there has the queues' numbers -------------------------------------------

attack_tools
ok 'netcat may go nowhere' rule 'deny out program /usr/bin/nc.openbsd'
ok 'a container without a device' ip netns add c4
begin nsenter --net=/run/netns/c4 -- "$ATTACK/queue" 5200 5202 \
  sh -c "until [ -e $DAEMON_DIR/enough ]; do sleep 0.2; done"
eventually 'somebody in it binds our numbers' "$PATIENCE" queues_in c4
ok 'a device comes' container_connect c4 4
status_is 'what is unknown is refused there' 7 fetch c4 10.9.4.1:8080
is 'and nothing arrives' "$(peer_syn_count 8080 10.9.4.1)" 0
touch "$DAEMON_DIR/enough"
ends_with 'the numbers are free again' 0
like 'no packet went there' "$(cat "$DAEMON_DIR/program")" 'bound 3 .*, 0 packets'

# The daemon is asked again by a miss, after a while.
served() {
  inside "$1" nc -w 10 "$2" 9
  queues_in "$1"
}
eventually 'the container is served then' "$PATIENCE" served c4 10.9.4.1
ok 'and taken away' ip netns delete c4
eventually 'to its end' "$PATIENCE" peer_lacks_device c4

# --- a limit --------------------------------------------------------------------------

ok 'the daemon is killed' daemon_kill
eventually 'and its queues are gone' "$PATIENCE" no_queues_in c1
daemon_configure <<<$'[kernel]\nnamespaces=1\n'
ok 'another one may have queues in one container' daemon_start
eventually 'the agent is back' "$PATIENCE" agents_registered 1
eventually 'it has, at once, in the one that is there' "$PATIENCE" queues_in c1
ok 'a further container' container c5 5
ok 'has what is decided' fetch c5 10.9.5.1
status_is 'but what is unknown is refused there' 7 fetch c5 10.9.5.1:8080
ok 'without a queue' no_queues_in c5
is 'nothing arrives' "$(peer_syn_count 8080 10.9.5.1)" 0
kill "$listener"
ok 'the first is taken away' ip netns delete c1
eventually 'to its end' "$PATIENCE" peer_lacks_device c1
eventually 'that makes room for the further one' "$PATIENCE" served c5 10.9.5.1

# --- a user's own ---------------------------------------------------------------------

alice=(setpriv --reuid 1000 --regid 1000 --init-groups env -i HOME=/home/alice "PATH=$PATH")

in_alices() {
  "${alice[@]}" nsenter --target "$holder" --user --net --preserve-credentials -- "$@"
}

holder_is_ready() { [ "$(cat "/proc/$holder/uid_map")" ] && in_alices true; }

has_way_out() { in_alices ip route get 192.0.2.3; }

# A namespace of alice's, with a program that carries out what is sent there.
carried_by() {
  "${alice[@]}" unshare --user --map-root-user --net sleep 600 </dev/null >/dev/null 2>&1 9>&- &
  holder=$!
  eventually "alice makes a namespace for $1" "$PATIENCE" holder_is_ready
  "${alice[@]}" "${@:2}" "$holder" </dev/null >"$DAEMON_DIR/carrier" 2>&1 9>&- &
  carrier=$!
  eventually "$1 serves it" "$PATIENCE" has_way_out || diag "$(cat "$DAEMON_DIR/carrier")"
}

carried_away() {
  kill "$holder" "$carrier"
  wait "$holder" "$carrier"
}

begin_carried() {
  begin "${alice[@]}" nsenter --target "$holder" --user --net --preserve-credentials -- "$@"
}

# Nothing is asked about any more: whoever is asked next is asked about what begins now.
quiet() {
  eventually 'no question is open' "$PATIENCE" questions_open 0
  shown=$(questions_shown)
}

# carried NAME PATH: what alice sends in there is judged as that program's.
carried() {
  peer_count_reset
  begin_carried "${curl[@]}" http://192.0.2.3:8080/
  next_question "what curl sends is asked about"
  ok "as $1's" agent_has "Program: $2"
  is 'nothing has arrived' "$(peer_syn_count 8080 192.0.2.3)" 0
  agent_says deny once
  wait "$program"
  isnt 'denied, it fails' $? 0
  is 'and nothing arrived' "$(peer_syn_count 8080 192.0.2.3)" 0
  quiet
  begin_carried "$ATTACK/queue" 5200 5202 "${curl[@]}" http://192.0.2.3:22/
  next_question 'that she has bound the numbers of our queues in there changes nothing'
  agent_says deny once
  wait "$program"
  like 'no packet went there' "$(cat "$DAEMON_DIR/program")" 'bound 3 .*, 0 packets'
  is 'nothing arrived' "$(peer_syn_count 22 192.0.2.3)" 0
}

carried_allowed() {
  quiet
  begin_carried "${curl[@]}" http://192.0.2.3/
  next_question 'another port is another question'
  agent_says allow always
  ends_with 'allowed, it goes through' 0
  cmp_ok 'and arrives' "$(peer_syn_count 80 192.0.2.3)" -ge 1
}

modprobe tun
ok 'curl may go there' rule 'allow out program /usr/bin/curl to 192.0.2.3 protocol tcp port 80'
ok 'users may make tunnels, as udev would have it' chmod 666 /dev/net/tun
# shellcheck disable=SC2016 # for the inner shell
carried_by slirp4netns sh -c 'exec slirp4netns --configure "$0" tap0'
carried slirp4netns /usr/bin/slirp4netns
carried_allowed
carried_away
carried_by pasta pasta --foreground --config-net
# This pasta gives up a connection that is not made when its SYN comes again, a second
# later, and begins another with the next one; nor does it tell that it was refused.
curl=(curl --silent --show-error --max-time 20)
carried pasta '/usr/bin/passt'
curl=(curl --silent --show-error --max-time 80)
carried_allowed
carried_away

tap_done
