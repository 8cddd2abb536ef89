#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# prime.sh PACKAGES CCACHE KERNEL [TREE]: as root in a mount namespace of its own: what DKMS
# is to compile in the test machine, compiled before, by the same compiler in a folder of the
# same name, so that it finds it in the cache CCACHE: under emulation a compiler takes ten
# times as long. Nothing else is left of it. The headers are installed, or in TREE.

set -eu -o pipefail

packages=$1 cache=$2 kernel=$3 tree=${4-}
work=$(mktemp -d)
trap 'umount -l "$work" && rmdir "$work"' EXIT

# over FOLDER...: what is written there is not.
over() {
  local folder upper
  for folder; do
    upper=$work/${folder//\//-}
    mkdir -p "$upper/upper" "$upper/work" "$folder"
    mount -t overlay none -o "lowerdir=$folder,upperdir=$upper/upper,workdir=$upper/work" "$folder"
  done
}

mount -t tmpfs none "$work"
over /usr/src /var/lib/dkms /lib/modules
package=$(ls "$packages"/sallyport-dkms_*_all.deb)
version=${package##*sallyport-dkms_}
version=${version%_all.deb}
dpkg-deb -x "$package" "$work/package"
cp -r "$work/package/usr/src/sallyport-$version" /usr/src/
mkdir -p "/lib/modules/$kernel" "$cache"
ln -sfn "$tree/usr/src/linux-headers-$kernel" "/lib/modules/$kernel/build"
# What is compiled counts, also where the rest wants more than is installed here (pahole).
PATH=/usr/lib/ccache:$PATH CCACHE_DIR=$cache dkms build -m sallyport -v "$version" -k "$kernel" ||
  echo 'not to its end'
umount -l /usr/src /var/lib/dkms /lib/modules
