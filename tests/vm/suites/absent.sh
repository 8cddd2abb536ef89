#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vm: --smp 1 --no-daemon
#
# The module alone: what nobody decides is refused at once, with a reason that is
# counted, and nothing of it reaches the peer; loopback goes on; without the module
# everything goes on.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=tests/lib/tap.sh
. "$here/../../lib/tap.sh"
# shellcheck source=tests/vm/lib/peer.sh
. "$here/../lib/peer.sh"

fetch() { curl --silent --show-error --max-time 20 "http://$1/"; }

udp_says() { echo hello | timeout 10 socat -t2 - "UDP:$1:7"; }

loopback_pair() {
  timeout 10 nc -l -N 127.0.0.1 9999 <<<hello >/dev/null &
  local tries=0
  until timeout 10 nc -w 5 127.0.0.1 9999 </dev/null | grep -q hello; do
    tries=$((tries + 1))
    [ "$tries" -lt 50 ] || return 1
    sleep 0.1
  done
}

ok 'the peer and its servers are there' peer_up http dns echo
peer_count_reset

# 7 is a refusal; a connection that hangs until the timeout would be 28.
status_is 'TCP is refused: curl says it could not connect' 7 fetch 192.0.2.2
status_is 'TCP over IPv6 likewise' 7 fetch '[2001:db8::2]'
fails 'UDP is refused' udp_says 192.0.2.2
fails 'ping is refused' ping -c 1 -W 2 192.0.2.2
fails 'ping over IPv6 is refused' ping -c 1 -W 2 2001:db8::2
fails 'a look-up of a name is refused' dig +tries=1 +time=3 @192.0.2.2 shop.test

is 'no connection arrived at the peer' "$(peer_syn_count 80)" 0
is 'no datagram arrived there' "$(($(peer_count udp 7) + $(peer_count udp 53)))" 0
is 'no ping arrived there' "$(peer_count icmp)" 0

ok 'loopback goes on' loopback_pair
ok 'the module can be unloaded' rmmod sallyport
ok 'without it TCP goes on' fetch 192.0.2.2
ok 'and UDP' udp_says 192.0.2.2
ok 'and ping' ping -c 1 -W 5 192.0.2.2
cmp_ok 'the peer counts what arrives' "$(peer_syn_count 80)" -ge 1

tap_done
