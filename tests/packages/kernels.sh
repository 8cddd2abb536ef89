# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# shellcheck disable=SC2154 # inside.sh has set them
#
# A kernel upgrade, by packages as Debian's are: they bring /lib/modules/VERSION and, when
# they are configured, run the hooks of /etc/kernel. One has headers that fit, one has
# none. For inside.sh, which has sourced tap.sh. The tree of a kernel that is in the cache
# is $next_tree, its version $next_version.

KERNELS_DIR=/run/kernels
UNFIT=6.99.0-1-amd64

# kernel_package NAME VERSION HOOKS: from the tree KERNELS_DIR/NAME.
kernel_package() {
  local tree=$KERNELS_DIR/$1
  mkdir -p "$tree/DEBIAN" || return 1
  cat >"$tree/DEBIAN/control" <<END
Package: $1
Version: 1
Architecture: all
Maintainer: The test machine
Description: a kernel's files
END
  # As linux-image and linux-headers do it.
  cat >"$tree/DEBIAN/postinst" <<END
#!/bin/sh
set -e
mkdir -p /etc/kernel/$3
DEB_MAINT_PARAMS="\$*" run-parts --report --exit-on-error --arg=$2 /etc/kernel/$3
END
  chmod 755 "$tree/DEBIAN/postinst"
  dpkg-deb --build --root-owner-group "$tree" "$tree.deb"
}

fitting_package() {
  local name=linux-headers-$next_version
  local folder=$KERNELS_DIR/$name/lib/modules/$next_version
  mkdir -p "$folder" "$KERNELS_DIR/$name/usr/src" || return 1
  ln -s "$next_tree/usr/src/linux-headers-$next_version" "$folder/build"
  ln -s "$next_tree/lib/modules/$next_version/kernel" "$folder/kernel"
  cp "$next_tree/lib/modules/$next_version"/modules.{order,builtin,builtin.modinfo} "$folder/"
  kernel_package "$name" "$next_version" header_postinst.d
}

unfit_package() {
  local name=linux-image-$UNFIT
  mkdir -p "$KERNELS_DIR/$name/lib/modules/$UNFIT/kernel" || return 1
  : >"$KERNELS_DIR/$name/lib/modules/$UNFIT/modules.order"
  : >"$KERNELS_DIR/$name/lib/modules/$UNFIT/modules.builtin"
  kernel_package "$name" "$UNFIT" postinst.d
}

install_kernel() { dpkg -i "$KERNELS_DIR/$1.deb" >"$KERNELS_DIR/said" 2>&1; }

next_is_built() { ls /lib/modules/"$next_version"/updates/dkms/sallyport.ko*; }
built_for() { modinfo -F vermagic /lib/modules/"$next_version"/updates/dkms/sallyport.ko* | cut -d' ' -f1; }

scene_kernel_upgrade() {
  ok 'a kernel upgrade: headers that fit' fitting_package
  ok 'are installed' install_kernel "linux-headers-$next_version"
  ok 'the module is built for that kernel, which is not booted yet' next_is_built
  is 'for no other' "$(built_for)" "$next_version"
  unlike 'nobody is warned' "$(cat "$KERNELS_DIR/said")" 'WILL NOT PROTECT'
  ok 'the doctor finds nothing bad' sallyport doctor

  ok 'another, for which nothing can be built' unfit_package
  ok 'is installed' install_kernel "linux-image-$UNFIT"
  like 'who installs it is warned' "$(cat "$KERNELS_DIR/said")" "WILL NOT PROTECT.*$UNFIT"
  like 'and offered a lockdown' "$(cat "$KERNELS_DIR/said")" 'systemctl enable --now sallyport-lockdown'
  like 'the journal has it' "$(journalctl -t sallyport -o cat)" "WILL NOT PROTECT.*$UNFIT"
  fails 'the doctor finds it bad' sallyport doctor
  like 'and says which kernel' "$(sallyport doctor)" "not built for kernel $UNFIT"
  ok 'they go' dpkg -P "linux-image-$UNFIT" "linux-headers-$next_version"
}
