#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# In the test machine under systemd, which has none of us: the packages are
# installed, upgraded, not downgraded, removed, purged, with connections open. The
# referee is the peer.
#
#   inside.sh FOLDER NEWER-FOLDER

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=tests/lib/tap.sh
. "$here/../lib/tap.sh"
# shellcheck source=tests/vm/lib/peer.sh
. "$here/../vm/lib/peer.sh"

packages=$1 newer=$2

fetch() { curl --silent --show-error --max-time 30 "http://192.0.2.2/"; }

install_from() { dpkg --force-confold -i "$1"/sallyport_*.deb "$1"/sallyport-dkms_*.deb; }

# A connection that lives through it all: a line goes out, and comes back.
open_connection() { exec 7<>/dev/tcp/192.0.2.2/7; }

connection_lives() {
  local word
  echo "$1" >&7 && read -r -t 30 word <&7 && [ "$word" = "$1" ]
}

state_is() { sallyport status --json | grep -q "\"state\": *\"$1\""; }

installed_version() { dpkg-query -W -f '${Version}' sallyport; }

rule_is_there() { sallyport rules list --json | grep -qF 192.0.2.2; }

# Services may be started here, whatever the machine around says.
rm -f /usr/sbin/policy-rc.d
# The headers' link is the machine's, hidden by this kernel's modules.
ln -sfn "/usr/src/linux-headers-$(uname -r)" "/lib/modules/$(uname -r)/build"

ok 'the peer and its servers are there' peer_up http echo
ok 'before: the network is there' fetch
ok 'a connection is opened' open_connection
ok 'and answers' connection_lives one

ok 'the packages are installed' install_from "$packages"
ok 'DKMS has built the module' sh -c 'dkms status sallyport | grep -q installed'
ok 'the module is loaded' test -e /sys/module/sallyport
eventually 'the daemon protects' 60 state_is protecting
ok 'the open connection goes on' connection_lives two
peer_count_reset
status_is 'what nobody decides is refused' 7 fetch
is 'and does not arrive' "$(peer_syn_count 80)" 0
ok 'a rule is added' sallyport rules add 'allow out to 192.0.2.2 protocol tcp port 80'
ok 'and obeyed' fetch

ok 'a newer version is installed' install_from "$newer"
eventually 'it protects' 60 state_is protecting
is 'the module is the newer one' "$(cat /sys/module/sallyport/version)" "$(installed_version)"
ok 'the open connection goes on' connection_lives three
ok 'the rule is still there' rule_is_there
ok 'and obeyed' fetch

fails 'the older version is refused' dpkg -i "$packages"/sallyport_*.deb
like 'with the reason' "$(dpkg -i "$packages"/sallyport_*.deb 2>&1)" "can't be replaced by the older"
is 'the newer one is still installed' "$(dpkg-query -W -f '${db:Status-Status}' sallyport)" installed
ok 'and protects' state_is protecting

ok 'the packages are removed' dpkg -r sallyport sallyport-dkms
fails 'the module is gone' test -e /sys/module/sallyport
ok 'the machine is reachable: the open connection' connection_lives four
ok 'and a new one' fetch
ok 'the rules are kept' test -s /var/lib/sallyport/policy.db

ok 'the packages are purged' dpkg -P sallyport sallyport-dkms
fails 'nothing is left of the rules' test -e /var/lib/sallyport
fails 'or of the configuration' test -e /etc/sallyport
is 'or of the module' "$(find /lib/modules /var/lib/dkms -name 'sallyport*' 2>/dev/null)" ''

tap_done
