#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# In the test machine under systemd, which has none of us: the packages are
# installed, upgraded, not downgraded, removed, purged, with connections open and
# questions; a kernel is upgraded; who is locked out gets in again. The referee is the
# peer.
#
#   inside.sh FOLDER NEWER-FOLDER NEXT-KERNEL NEXT-KERNEL-TREE [SCENE...]
#
# NEXT-KERNEL is one that is not booted here; the tree has its modules and headers.
# Without a SCENE all of them, one after the other. They are the lines of SCENES; each
# can be played alone, on a machine where the packages have just been installed, or,
# try_here, on one that has none.

packages_here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=tests/lib/tap.sh
. "$packages_here/../lib/tap.sh"
# shellcheck source=tests/vm/lib/peer.sh
. "$packages_here/../vm/lib/peer.sh"
# shellcheck source=tests/packages/first_run.sh
. "$packages_here/first_run.sh"
# shellcheck source=tests/packages/upgrade.sh
. "$packages_here/upgrade.sh"
# shellcheck source=tests/packages/locked_out.sh
. "$packages_here/locked_out.sh"
# shellcheck source=tests/packages/kernels.sh
. "$packages_here/kernels.sh"
# shellcheck source=tests/packages/removal.sh
. "$packages_here/removal.sh"
# shellcheck source=tests/packages/try_here.sh
. "$packages_here/try_here.sh"

SCENES=(
  first_run
  upgrade
  locked_out
  kernel_upgrade
  removal
  try_here
)

# shellcheck disable=SC2034 # for the scenes
packages=$1 newer=$2 next_version=$3 next_tree=$4
shift 4
[ $# = 0 ] || SCENES=("$@")

PATIENCE=600 # for what waits for an event; nothing is judged by it

fetch() { curl --silent --show-error --max-time "$PATIENCE" "http://192.0.2.2/"; }
fetch_other() { curl --silent --show-error --max-time "$PATIENCE" "http://192.0.2.2:8080/"; }

install_from() {
  dpkg --force-confold -i "$1"/sallyport_*.deb "$1"/sallyport-dkms_*.deb "$1"/sallyport-gui_*.deb
}

# A connection that lives through it all: a line goes out, and comes back.
open_connection() { exec 7<>/dev/tcp/192.0.2.2/7; }

connection_lives() {
  local word
  echo "$1" >&7 && read -r -t "$PATIENCE" word <&7 && [ "$word" = "$1" ]
}

state_is() { sallyport status --json | grep -q "\"state\": *\"$1\""; }

# What DKMS compiles is the same in each run: kept, it spares minutes of emulation.
if [ -d /usr/lib/ccache ]; then
  export PATH=/usr/lib/ccache:$PATH CCACHE_DIR=$VM_RESULTS/ccache
fi

installed() {
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
}

# hide_devices TREE VERSION: depmod reads all modules of a kernel whenever DKMS has installed
# or removed one, for minutes under emulation. Those for devices that are not here it need
# not see.
hide_devices() {
  local kernel=$1/lib/modules/$2/kernel folder
  for folder in "$kernel"/sound/ "$kernel"/drivers/*/ "$kernel"/drivers/net/*/; do
    [ "$folder" = "$kernel/drivers/net/" ] || mount -t tmpfs none "$folder" || return 1
  done
}

few_modules() {
  hide_devices '' "$(uname -r)" && hide_devices "$next_tree" "$next_version"
}

# The headers' link is the machine's, hidden by this kernel's modules.
ln -sfn "/usr/src/linux-headers-$(uname -r)" "/lib/modules/$(uname -r)/build"

ok 'these kernels have few modules' few_modules
ok 'the peer and its servers are there' peer_up http echo dns ssh
ok 'before: the network is there' fetch
ok 'a connection is opened' open_connection
ok 'and answers' connection_lives one
first_before
[ "${SCENES[0]}" = try_here ] || installed
for scene in "${SCENES[@]}"; do
  diag "$scene"
  "scene_$scene"
done
first_over
tap_done
