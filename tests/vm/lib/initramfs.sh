# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The test machine's initramfs, in two archives that the kernel unpacks one
# after the other: the base (busybox, init, modules), kept in the cache, and
# the run's own (seed and job). Needs base.sh and kernel.sh.

INITRAMFS_MODULES=(virtio_pci 9pnet_virtio 9p overlay)

# pack_folder DIR: a cpio archive on stdout, all of it root's.
pack_folder() {
  (cd "$1" && find . -print0 | sort -z | cpio -0 -o -H newc -R 0:0 --quiet)
}

# The files to insert, in order, without those that this kernel has built in.
initramfs_module_files() {
  local name
  for name in "${INITRAMFS_MODULES[@]}"; do
    PATH=$PATH:/usr/sbin:/sbin modprobe -S "$KERNEL_VERSION" -d "$KERNEL_ROOT" \
      --show-depends "$name"
  done | sed -n 's/^insmod \(.*[^ ]\) *$/\1/p' | awk '!seen[$0]++'
}

# copy_module FILE DIR: unpacked, since busybox wants it so.
copy_module() {
  local name=${1##*/}
  case $1 in
    *.xz) xz -dc "$1" >"$2/${name%.xz}" ;;
    *) cp "$1" "$2/" ;;
  esac
}

initramfs_fill() {
  local dir=$1 file name
  mkdir -p "$dir/bin" "$dir/modules" "$dir/proc" "$dir/sys" "$dir/dev"
  cp "$(command -v busybox)" "$dir/bin/busybox"
  ln -s busybox "$dir/bin/sh"
  cp "$TOP/tests/vm/lib/init" "$dir/init"
  chmod 755 "$dir/init"
  initramfs_module_files | while read -r file; do
    copy_module "$file" "$dir/modules"
    name=${file##*/}
    printf '%s\n' "${name%.xz}"
  done >"$dir/modules/list"
}

# initramfs_base: prints the archive's path, making it if it is not there. The
# name carries what it was made from.
initramfs_base() {
  local sum archive work
  sum=$(cat "$TOP/tests/vm/lib/init" "$TOP/tests/vm/lib/initramfs.sh" \
    "$(command -v busybox)" | sha256sum)
  archive=$CACHE/initramfs-$KERNEL_VERSION-${sum:0:12}.cpio
  if [ ! -e "$archive" ]; then
    work=$(mktemp -d "$CACHE/initramfs.XXXXXX")
    initramfs_fill "$work/tree"
    pack_folder "$work/tree" >"$work/archive"
    mv "$work/archive" "$archive"
    rm -r "$work"
  fi
  printf '%s\n' "$archive"
}
