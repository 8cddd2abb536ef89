#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# In the test machine under systemd, which has none of us: the packages are
# installed, upgraded, not downgraded, removed, purged, with connections open and
# questions; a kernel is upgraded; who is locked out gets in again. The referee is the
# peer.
#
#   inside.sh FOLDER NEWER-FOLDER NEXT-KERNEL NEXT-KERNEL-TREE
#
# NEXT-KERNEL is one that is not booted here; the tree has its modules and headers.

packages_here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=tests/lib/tap.sh
. "$packages_here/../lib/tap.sh"
# shellcheck source=tests/vm/lib/peer.sh
. "$packages_here/../vm/lib/peer.sh"
# shellcheck source=tests/packages/first_run.sh
. "$packages_here/first_run.sh"
# shellcheck source=tests/packages/kernels.sh
. "$packages_here/kernels.sh"
# shellcheck source=tests/packages/locked_out.sh
. "$packages_here/locked_out.sh"
# shellcheck source=tests/packages/try_here.sh
. "$packages_here/try_here.sh"

# shellcheck disable=SC2034 # for kernels.sh
packages=$1 newer=$2 next_version=$3 next_tree=$4

PATIENCE=120 # for what waits for an event; nothing is judged by it

fetch() { curl --silent --show-error --max-time 30 "http://192.0.2.2/"; }

install_from() {
  dpkg --force-confold -i "$1"/sallyport_*.deb "$1"/sallyport-dkms_*.deb "$1"/sallyport-gui_*.deb
}

# A connection that lives through it all: a line goes out, and comes back.
open_connection() { exec 7<>/dev/tcp/192.0.2.2/7; }

connection_lives() {
  local word
  echo "$1" >&7 && read -r -t 60 word <&7 && [ "$word" = "$1" ]
}

state_is() { sallyport status --json | grep -q "\"state\": *\"$1\""; }

installed_version() { dpkg-query -W -f '${Version}' sallyport; }

rule_is_there() { sallyport rules list --json | grep -qF 192.0.2.2; }

# --- a question that is open ----------------------------------------------------------------

questions_asked() { grep -c 'wants to connect to' "$FIRST_DIR/questions"; }
question_asked() { [ "$(questions_asked)" -ge "$1" ]; }

# wget tries again itself where it is refused; here it must not have to.
begin_question() {
  questions=$(questions_asked)
  wget -q -t 1 -T 300 -O /dev/null http://192.0.2.3:8080/ >/dev/null 2>&1 7>&- 8>&- 9>&- &
  waiting=$!
}

# --- somebody who tries all the time ----------------------------------------------------------

begin_trying() {
  peer_count_reset
  while :; do
    (exec 3<>/dev/tcp/192.0.2.3/80) 2>/dev/null
    echo hello >/dev/udp/192.0.2.3/9
    echo >>"$FIRST_DIR/tries"
  done 2>/dev/null 7>&- 8>&- 9>&- &
  trying=$!
}
tries() { wc -l <"$FIRST_DIR/tries"; }

# What DKMS compiles is the same in each run: kept, it spares minutes of emulation.
if [ -d /usr/lib/ccache ]; then
  export PATH=/usr/lib/ccache:$PATH CCACHE_DIR=$VM_RESULTS/ccache
fi

# --- before ---------------------------------------------------------------------------------

# The headers' link is the machine's, hidden by this kernel's modules.
ln -sfn "/usr/src/linux-headers-$(uname -r)" "/lib/modules/$(uname -r)/build"

ok 'the peer and its servers are there' peer_up http echo dns ssh
ok 'before: the network is there' fetch
ok 'a connection is opened' open_connection
ok 'and answers' connection_lives one
first_before

# --- installed ------------------------------------------------------------------------------

ok 'the packages are installed' install_from "$packages"
ok 'DKMS has built the module' sh -c 'dkms status sallyport | grep -q installed'
like 'and signed it with a key of this machine' "$(modinfo -F signer sallyport)" DKMS
ok 'the module is loaded' test -e /sys/module/sallyport
eventually 'the daemon protects' "$PATIENCE" state_is protecting
ok 'the open connection goes on' connection_lives two
peer_count_reset
status_is 'what nobody decides is refused' 7 fetch
is 'and does not arrive' "$(peer_syn_count 80)" 0
ok 'a rule is added' sallyport rules add 'allow out to 192.0.2.2 protocol tcp port 80'
ok 'and obeyed' fetch
first_after

# --- upgraded -------------------------------------------------------------------------------

ok 'somebody may not' sallyport rules add 'deny out program /usr/bin/bash to 192.0.2.3'
begin_question
eventually 'a question is open' "$PATIENCE" question_asked $((questions + 1))
begin_trying
ok 'a newer version is installed' install_from "$newer"
eventually 'it protects' "$PATIENCE" state_is protecting
is 'the module is the newer one' "$(cat /sys/module/sallyport/version)" "$(installed_version)"
kill "$trying"
cmp_ok 'somebody has tried all the while' "$(tries)" -ge 10
is 'and never got through: not a connection' "$(peer_syn_count 80 192.0.2.3)" 0
is 'nor a datagram' "$(peer_count udp 9)" 0
fails 'nothing is left of what closed the gap' nft list table inet sallyport_swap
ok 'the open connection goes on' connection_lives three
ok 'the ssh session as well' first_session_says third
ok 'the rule is still there' rule_is_there
ok 'and obeyed' fetch
eventually 'the question is asked again' "$PATIENCE" question_asked $((questions + 2))
is 'nothing of it has arrived' "$(peer_syn_count 8080 192.0.2.3)" 0
echo 'allow once' >&9
ok 'its answer is obeyed' wait "$waiting"
cmp_ok 'it arrives' "$(peer_syn_count 8080 192.0.2.3)" -ge 1

fails 'the older version is refused' dpkg -i "$packages"/sallyport_*.deb
like 'with the reason' "$(dpkg -i "$packages"/sallyport_*.deb 2>&1)" "can't be replaced by the older"
is 'the newer one is still installed' "$(dpkg-query -W -f '${db:Status-Status}' sallyport)" installed
ok 'and protects' state_is protecting

lock_out_and_in
first_over

kernel_upgrade

# --- removed --------------------------------------------------------------------------------

ok 'the packages are removed' dpkg -r sallyport sallyport-gui sallyport-dkms
fails 'the module is gone' test -e /sys/module/sallyport
ok 'the machine is reachable: the open connection' connection_lives four
ok 'and a new one' fetch
ok 'the rules are kept' test -s /var/lib/sallyport/policy.db
ok 'the configuration is' test -d /etc/sallyport

ok 'the packages are purged' dpkg -P sallyport sallyport-gui sallyport-dkms
fails 'nothing is left of the rules' test -e /var/lib/sallyport
fails 'or of the configuration' test -e /etc/sallyport
is 'or of the module' "$(find /lib/modules /var/lib/dkms -name 'sallyport*' 2>/dev/null)" ''
is 'or of its units' "$(find /etc/systemd /usr/lib/systemd -name 'sallyport*' ! -name 'sallyport-vm*' ! -name 'sallyport-test*')" ''

try_here

tap_done
