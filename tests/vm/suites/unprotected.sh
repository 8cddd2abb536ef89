#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# part: long
# vm: --smp 1 --installed --no-module --timeout 900
#
# Booted with a kernel that the module was not built for: the machine says so on the
# console, in the journal, by status and doctor; and there is a static lockdown, which
# nobody is forced to have.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=tests/lib/tap.sh
. "$here/../../lib/tap.sh"
# shellcheck source=tests/vm/lib/peer.sh
. "$here/../lib/peer.sh"

fetch() { curl --silent --show-error --globoff --max-time 20 "http://$1/"; }
# A word that comes back: on a connection that is open.
connection_lives() {
  local word
  echo "$1" >&7 && read -r -t 30 word <&7 && [ "$word" = "$1" ]
}
listen() { socat "TCP4-LISTEN:$1,fork,reuseaddr" PIPE </dev/null >/dev/null 2>&1 & }
from_peer() { peer_run timeout 20 nc -N -w 5 192.0.2.1 "$1" <<<hello; }

is 'the boot is over without it' "$(systemctl show -P ActiveState sysinit.target)" active
fails 'it is not there' test -e /sys/module/sallyport
like 'the journal has it' "$(journalctl -b -u sallyport-alarm -o cat)" 'DOES NOT PROTECT THIS MACHINE'
ok 'the console, too' grep -q 'DOES NOT PROTECT THIS MACHINE' "$VM_RESULTS/console.log"
like 'with the way to a lockdown' "$(journalctl -b -u sallyport-alarm -o cat)" \
  'systemctl enable --now sallyport-lockdown'
ok 'the daemon runs, for who asks it' systemctl --quiet is-active sallyportd.service
like 'its status says so' "$(sallyport status)" 'does not protect this machine'
fails 'the doctor finds it bad' sallyport doctor
like 'and has the way to a lockdown' "$(sallyport doctor)" 'sallyport-lockdown'
fails 'which nobody has asked for' systemctl --quiet is-active sallyport-lockdown.service
like 'it would come before the network does' \
  "$(systemctl show -P Before sallyport-lockdown.service)" network-pre.target
like 'and after the module would' \
  "$(systemctl show -P After sallyport-lockdown.service)" systemd-modules-load.service

ok 'the peer and its servers are there' peer_up http dns echo
ok 'everything passes' fetch 192.0.2.2
ok 'a connection is opened' eval 'exec 7<>/dev/tcp/192.0.2.2/7'
ok 'and answers' connection_lives one
listen 22
listen 7000
is 'somebody gets in' "$(from_peer 7000)" hello

ok 'lockdown' systemctl enable --now sallyport-lockdown.service
peer_count_reset
fails 'nothing new leaves' fetch 192.0.2.2
fails 'over IPv6 neither' fetch '[2001:db8::2]'
fails 'no name is looked up' dig +time=2 +tries=1 shop.test
fails 'nor ping' ping -c 1 -W 2 192.0.2.2
is 'no connection has been asked for there' "$(peer_syn_count 80)" 0
is 'no datagram has arrived' "$(peer_count udp 53)" 0
is 'nor a ping' "$(peer_count icmp)" 0
ok 'what was open goes on' connection_lives two
fails 'nobody gets in' from_peer 7000
is 'but by ssh' "$(from_peer 22)" hello
ok 'the machine speaks with itself' ping -c 1 -W 5 127.0.0.1
ok 'lockdown again changes nothing' systemctl restart sallyport-lockdown.service
fails 'nothing leaves' fetch 192.0.2.2

ok 'it ends' systemctl disable --now sallyport-lockdown.service
ok 'and everything passes' fetch 192.0.2.2
fails 'nothing of it is left' nft list table inet sallyport_lockdown
tap_done
