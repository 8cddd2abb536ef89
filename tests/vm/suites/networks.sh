#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vm: --smp 1 --no-daemon --timeout 300
#
# Rules by network, and a machine that is moved from one gateway to another. Believed are
# the programs' exit statuses and what arrives at the peer.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=tests/lib/tap.sh
. "$here/../../lib/tap.sh"
# shellcheck source=tests/vm/lib/peer.sh
. "$here/../lib/peer.sh"
# shellcheck source=tests/vm/lib/daemon.sh
. "$here/../lib/daemon.sh"

PATIENCE=60

goes_through() { sallyport networks list --json | grep '"eth0"' | grep -qE "\"id\": *\"gateway:[^\"]*/$1\""; }

fetch() { curl --silent --output /dev/null --max-time 90 http://192.0.2.2/; }

fails_to_fetch() { ! fetch; }

connection_is_over() { ! { echo two >&7 && read -r -t $((5 * VM_PACE)) line <&7; } 2>/dev/null; }

add_rules() {
  sallyport rules add - <<'END'
allow out program /usr/bin/curl to 192.0.2.2 port 80 network home
allow out program /usr/bin/bash to 192.0.2.2 port 7 network home
allow out program /usr/bin/bash to 192.0.2.2 port 8080
deny out program /usr/bin/bash to 192.0.2.2 port 8080 network public
END
}

# To another gateway, by way of none.
move_to() {
  ip route del default && ip route add default via "$1"
}

ok 'the peer and its servers are there' peer_up http echo
ok 'the bus is there' bus_up
printf '[policy]\ndefault-out=deny\n' | daemon_configure
ok 'the daemon protects' daemon_start
ok 'rules by network' add_rules
eventually 'the gateway is known' "$PATIENCE" goes_through 192.0.2.2
peer_count_reset
status_is 'a network that nobody named allows nothing' 7 fetch
is 'and nothing arrived' "$(peer_syn_count 80)" 0
status_is 'and what is denied in any network is denied' 1 bash -c '</dev/tcp/192.0.2.2/8080'
is 'and nothing arrived there' "$(peer_syn_count 8080)" 0

ok 'it gets a name' sallyport networks name eth0 home
status_is 'what is allowed at home is' 0 fetch
status_is 'what is denied elsewhere is not denied' 0 bash -c '</dev/tcp/192.0.2.2/8080'
exec 7<>/dev/tcp/192.0.2.2/7
echo one >&7 && read -r -t $((20 * VM_PACE)) line <&7
is 'a connection is open' "$line" one

ok 'the machine is moved' move_to 192.0.2.3
eventually 'to another gateway' "$PATIENCE" goes_through 192.0.2.3
eventually 'what is allowed at home is refused' "$PATIENCE" fails_to_fetch
arrived=$(peer_syn_count 80)
status_is 'and stays so' 7 fetch
is 'and nothing more arrived' "$(peer_syn_count 80)" "$arrived"
eventually 'the open connection is ended' "$PATIENCE" connection_is_over
ok 'that network is called public' sallyport networks name eth0 public
status_is 'which allows no more' 7 fetch
status_is 'and denies' 1 bash -c '</dev/tcp/192.0.2.2/8080'

ok 'and back' move_to 192.0.2.2
eventually 'home is known again' "$PATIENCE" fetch
ok 'the daemon ends' daemon_kill
ok 'and starts again' daemon_start
status_is 'it knows the name' 0 fetch

tap_done
