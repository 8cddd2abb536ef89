#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# part: long
# vm: --smp 1 --installed --kernel-arguments sallyport.mode=off --timeout 600
#
# Who is locked out adds one word at the boot menu, as README.md says: nothing is judged,
# the status says so, and one command ends it.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=tests/lib/tap.sh
. "$here/../../lib/tap.sh"
# shellcheck source=tests/vm/lib/peer.sh
. "$here/../lib/peer.sh"

fetch() { curl --silent --show-error --max-time 20 "http://192.0.2.2/"; }
state_is() { sallyport status --json | grep -q "\"state\": *\"$1\""; }

ok 'README.md names the word' grep -q 'sallyport.mode=off' "$VM_TOP/README.md"
ok 'the module is there' test -e /sys/module/sallyport
ok 'the daemon, too' systemctl --quiet is-active sallyportd.service
eventually 'which says that all is off' 60 state_is off
ok 'the peer and its servers are there' peer_up http
ok 'what no rule decides passes' fetch
ok 'it is ended' sallyport mode normal
eventually 'the daemon protects' 60 state_is protecting
status_is 'what no rule decides is refused' 7 fetch
tap_done
