#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vm: --smp 1 --bare
#
# The tools themselves: the peer's servers answer, its counters count all that
# arrives and nothing else, the users are there. A referee that counts too little
# would let a leak pass.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=tests/lib/tap.sh
. "$here/../../lib/tap.sh"
# shellcheck source=tests/vm/lib/peer.sh
. "$here/../lib/peer.sh"

fetch() { curl --silent --show-error --globoff --max-time 20 "http://$1/"; }

echoed() { socat -t2 - "$1" <<<hello; }

# counts WHAT PACKETS ARG...: what the peer counted since the last reset.
counts() {
  local what=$1 wanted=$2
  shift 2
  is "$what" "$(peer_count "$@")" "$wanted"
}

ok 'the peer comes up' peer_up
isnt 'its user namespace is another' \
  "$(readlink /proc/self/ns/user)" "$(readlink "/proc/$(peer_pid)/ns/user")"
is 'with all the ids' "$(peer_run cat /proc/self/uid_map | tr -s ' ')" ' 0 0 4294967295'

# --- servers ------------------------------------------------------------------------

is 'http' "$(fetch 192.0.2.2)" 'hello from 192.0.2.2'
is 'http, the other port' "$(fetch 192.0.2.3:8080)" 'hello from 192.0.2.3:8080'
is 'http over IPv6' "$(fetch '[2001:db8::2]')" 'hello from [2001:db8::2]'
is 'http by name' "$(fetch tracker.test)" 'hello from tracker.test'
is 'shop.test, IPv4' "$(dig +short shop.test A)" 192.0.2.2
is 'shop.test, IPv6' "$(dig +short shop.test AAAA)" 2001:db8::2
is 'tracker.test has no IPv6' "$(dig +short tracker.test AAAA)" ''
like 'what is not there is not there' "$(dig nothing.test)" NXDOMAIN
ok 'ssh as alice' vm-as alice ssh 192.0.2.2 true
is 'echo, TCP' "$(echoed TCP:192.0.2.2:7)" hello
is 'echo, UDP' "$(echoed UDP:192.0.2.3:7)" hello
is 'echo, UDP over IPv6' "$(echoed 'UDP:[2001:db8::2]:7')" hello
ok 'ping as alice' vm-as alice ping -c 1 -W 5 192.0.2.2
ok 'it takes another address' peer_address 198.51.100.7/32
is 'what is not local goes there' "$(fetch 198.51.100.7)" 'hello from 198.51.100.7'

# --- the referee ----------------------------------------------------------------------

peer_count_reset
is 'reset, there are no connections' "$(peer_syn_count 80)" 0
counts 'nor datagrams' 0 udp 7

fetch 192.0.2.2 >/dev/null
fetch 192.0.2.3 >/dev/null
fetch '[2001:db8::2]' >/dev/null
fetch '[2001:db8::2]' >/dev/null
fetch '[2001:db8::2]:8080' >/dev/null
is 'connections to a port, IPv4 and IPv6 together' "$(peer_syn_count 80)" 4
is 'to one IPv4 address' "$(peer_syn_count 80 192.0.2.2)" 1
is 'to one IPv6 address' "$(peer_syn_count 80 2001:db8::2)" 2
is 'to another port' "$(peer_syn_count 8080)" 1
is 'to a port like it' "$(peer_syn_count 808)" 0
cmp_ok 'their packets' "$(peer_count tcp 80)" -ge 16

for address in 192.0.2.2 192.0.2.3 '[2001:db8::2]'; do
  echoed "UDP:$address:7" >/dev/null
done
counts 'datagrams, IPv4 and IPv6 together' 3 udp 7
counts 'to one address' 1 udp 7 192.0.2.3
counts 'to one IPv6 address' 1 udp 7 2001:db8::2
counts 'TCP is not UDP' 0 tcp 7

socat -u - UDP:192.0.2.2:6 <<<hello
counts 'UDP to port 6 ...' 1 udp 6
counts '... is not TCP to port 17' 0 tcp 17
ping -q -c 2 -i 0.2 192.0.2.3 >/dev/null
counts 'pings' 2 icmp
counts 'pings to an address' 2 icmp '' 192.0.2.3
ping -q -c 1 2001:db8::3 >/dev/null
cmp_ok 'pings over IPv6' "$(peer_count icmpv6 '' 2001:db8::3)" -ge 1
socat -u - UDP:192.0.2.1:9999 <<<hello
counts 'what stays here is not counted' 0 udp 9999
peer_run sh -c 'echo hello | socat -u - UDP:192.0.2.2:9998'
counts 'nor what the peer tells itself' 0 udp 9998

# --- users ----------------------------------------------------------------------------

is 'alice is 1000' "$(vm-as alice id -u)" 1000
is 'bob is 1001' "$(vm-as bob id -u)" 1001
like 'alice may sudo' "$(vm-as alice id -nG)" '(^| )sudo( |$)'
unlike 'bob may not' "$(vm-as bob id -nG)" sudo
is 'words stay words' "$(vm-as bob printf '<%s>' 'a b' "c'd" '')" "<a b><c'd><>"
status_is 'the exit status comes through' 7 vm-as bob sh -c 'exit 7'

ok 'the peer goes' peer_down
fails 'and with it its servers' fetch 192.0.2.2
ok 'and comes again' peer_up http
is 'with them' "$(fetch 192.0.2.2)" 'hello from 192.0.2.2'

tap_done
