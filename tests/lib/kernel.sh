# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The kernels that the tests boot, in the cache, never installed on the machine:
# Debian's packages, downloaded and unpacked, and those that debug-kernel.sh builds.
# Needs base.sh.
#
# kernel_prepare 6.1 sets:
#   KERNEL_VERSION  what uname -r says there
#   KERNEL_IMAGE    the file to boot
#   KERNEL_MODULES  the folder lib/modules/KERNEL_VERSION, depmod done
#   KERNEL_ROOT     the folder whose lib/modules that is, for modprobe -d
#   KERNEL_HEADERS  the folder to build modules against
#   KERNEL_KBUILD   more arguments for make when one does
#   KERNEL_PACE     so many times longer than usual everything may take there
#   KERNEL_MACHINE  which of QEMU's machines it boots on best
#   KERNEL_MEMORY   what it wants, as QEMU's -m
# The variables are for those who source this file.
# shellcheck disable=SC2034

# shellcheck source=tests/lib/suite.sh
. "$TOP/tests/lib/suite.sh"
# shellcheck source=tests/lib/debug-kernel.sh
. "$TOP/tests/lib/debug-kernel.sh"

KERNEL_SERIES="6.1 6.12 7.2 $DEBUG_KERNELS"

kernel_prepare() {
  KERNEL_KBUILD='' KERNEL_PACE=1 KERNEL_MACHINE=pc KERNEL_MEMORY=2G
  case $1 in
    6.1) kernel_prepare_default ;;
    6.12) kernel_prepare_backport 6.12 bookworm-backports ;;
    7.2) kernel_prepare_backport 7.2 trixie-backports ;;
    *)
      [[ " $DEBUG_KERNELS " = *" $1 "* ]] || die "no such kernel: $1 (there are: $KERNEL_SERIES)"
      debug_kernel_prepare "$1"
      ;;
  esac
}

# kernel_prepare_root ROOT: the newest that is installed in a root of another release.
kernel_prepare_root() {
  KERNEL_KBUILD='' KERNEL_PACE=1 KERNEL_MACHINE=pc KERNEL_MEMORY=2G
  KERNEL_VERSION=$(find "$1/boot" -name 'vmlinuz-*' -printf '%f\n' | sed 's/^vmlinuz-//' |
    sort -V | tail -n 1)
  [ -n "$KERNEL_VERSION" ] || die "there is no kernel in $1"
  kernel_use_tree "$1"
}

# Modules for the machine in hand must fit the headers that are installed, so
# their version decides, not what the archive calls newest.
kernel_prepare_default() {
  local depends
  depends=$(dpkg-query -W -f '${Depends}' linux-headers-amd64 2>/dev/null) ||
    die "linux-headers-amd64 is not installed: the kernel's version is unknown"
  [[ $depends =~ linux-headers-([0-9][^ ,]*-amd64) ]] ||
    die "linux-headers-amd64 depends on no headers: $depends"
  KERNEL_VERSION=${BASH_REMATCH[1]}
  KERNEL_HEADERS=/usr/src/linux-headers-$KERNEL_VERSION
  kernel_use_installed && return
  kernel_use_cached kernel_download_default
}

# A machine that runs this very kernel has it already.
kernel_use_installed() {
  [ -r "/boot/vmlinuz-$KERNEL_VERSION" ] &&
    [ -r "/lib/modules/$KERNEL_VERSION/modules.dep" ] || return 1
  KERNEL_IMAGE=/boot/vmlinuz-$KERNEL_VERSION
  KERNEL_ROOT=/
  KERNEL_MODULES=/lib/modules/$KERNEL_VERSION
}

kernel_download_default() {
  apt_download download "linux-image-$KERNEL_VERSION" ||
    die "If the archive has a newer one, bring the headers up to it:" \
      "apt-get update && apt-get install linux-headers-amd64"
}

# A kernel of a backports suite. Which of the series is asked once; to get a newer
# one, remove the cache.
kernel_prepare_backport() {
  local series=$1 suite=$2 file=$CACHE/kernel/$1.version
  [ -s "$file" ] || with_lock "$CACHE/kernel/lock" kernel_ask "$series" "$suite" "$file"
  KERNEL_VERSION=$(<"$file")
  case $suite in
    bookworm-*) kernel_use_cached kernel_download_own ;;
    # Compiled with a newer compiler than this release's, which lacks one option.
    trixie-*)
      kernel_use_cached kernel_download_trixie
      KERNEL_KBUILD='CC=gcc-12 CONFIG_CC_HAS_MIN_FUNCTION_ALIGNMENT='
      ;;
  esac
  # The types for BPF would need more tools and the kernel's debug image.
  KERNEL_KBUILD+=' CONFIG_DEBUG_INFO_BTF_MODULES='
  KERNEL_HEADERS=$KERNEL_ROOT/usr/src/linux-headers-$KERNEL_VERSION
}

kernel_ask() {
  local series=$1 suite=$2 newest
  say "kernel: looking for $series in $suite"
  suite_update "$suite" >"$CACHE/kernel/apt.log" 2>&1 || {
    tail -n 5 "$CACHE/kernel/apt.log" >&2
    die "the list of $suite could not be fetched"
  }
  newest=$(suite_newest "$suite" linux-headers- "${series//./\\.}\.[0-9.+a-z]*-amd64")
  [ -n "$newest" ] || die "$suite has no kernel $series"
  printf '%s\n' "${newest#linux-headers-}" >"$3"
}

kernel_header_packages() {
  local base=${KERNEL_VERSION%-amd64}
  printf 'linux-%s\n' "headers-$KERNEL_VERSION" "headers-$base-common" "kbuild-$base"
}

kernel_download_own() {
  # shellcheck disable=SC2046 # names
  suite_download bookworm-backports "linux-image-$KERNEL_VERSION" $(kernel_header_packages)
}

# With the libraries that kbuild's own programs are linked against.
kernel_download_trixie() {
  # shellcheck disable=SC2046 # names
  suite_download trixie-backports "linux-base-$KERNEL_VERSION" \
    "linux-binary-$KERNEL_VERSION" "linux-modules-$KERNEL_VERSION" \
    $(kernel_header_packages) &&
    suite_update trixie &&
    suite_download trixie libc6 libelf1t64 zlib1g libzstd1
}

# kernel_use_cached DOWNLOAD: from the cache, which is filled first if need be by
# the function DOWNLOAD, in the folder for the packages.
kernel_use_cached() {
  local tree=$CACHE/kernel/$KERNEL_VERSION
  [ -e "$tree/complete" ] || with_lock "$CACHE/kernel/lock" kernel_fill "$tree" "$1"
  kernel_use_tree "$tree"
}

kernel_use_tree() {
  KERNEL_ROOT=$1
  KERNEL_MODULES=$1/lib/modules/$KERNEL_VERSION
  KERNEL_IMAGE=$1/boot/vmlinuz-$KERNEL_VERSION
}

# kernel_fill TREE DOWNLOAD: "complete" is written last, so that what was
# interrupted is begun again.
kernel_fill() {
  local tree=$1 deb
  [ ! -e "$tree/complete" ] || return 0
  rm -rf "$tree"
  mkdir -p "$tree/deb"
  say "kernel: downloading $KERNEL_VERSION"
  (cd "$tree/deb" && "$2") >"$tree/download.log" 2>&1 || {
    tail -n 5 "$tree/download.log" >&2
    die "the packages of $KERNEL_VERSION could not be downloaded"
  }
  say "kernel: unpacking"
  for deb in "$tree"/deb/*.deb; do
    dpkg -x "$deb" "$tree"
  done
  rm -r "$tree/deb"
  kernel_arrange "$tree"
  touch "$tree/complete"
}

# One shape, whatever the release: modules under lib, the image under boot,
# no links back into the build tree.
kernel_arrange() {
  local tree=$1
  if [ ! -e "$tree/lib/modules" ] && [ -d "$tree/usr/lib/modules" ]; then
    mkdir -p "$tree/lib"
    ln -s ../usr/lib/modules "$tree/lib/modules"
  fi
  if [ ! -e "$tree/boot/vmlinuz-$KERNEL_VERSION" ]; then
    mkdir -p "$tree/boot"
    ln -s "../lib/modules/$KERNEL_VERSION/vmlinuz" "$tree/boot/vmlinuz-$KERNEL_VERSION"
  fi
  kernel_arrange_headers "$tree"
  kernel_wrap_kbuild "$tree"
  PATH=$PATH:/usr/sbin:/sbin depmod -b "$tree" "$KERNEL_VERSION"
}

# Each package of headers names the others by where they would be installed; ours
# are in the tree.
kernel_arrange_headers() {
  local makefile=$1/usr/src/linux-headers-$KERNEL_VERSION/Makefile
  [ ! -e "$makefile" ] || sed -i "s#/usr/src/#$1/usr/src/#" "$makefile"
}

# Programs of kbuild's that were linked against a newer libc than the machine's,
# which lies in the tree, run under that. objtool finds itself by its own name.
kernel_wrap_kbuild() {
  local libraries=$1/usr/lib/x86_64-linux-gnu program
  [ -e "$libraries/ld-linux-x86-64.so.2" ] || return 0
  find "$1"/usr/lib/linux-kbuild-* -type f -perm -100 | while read -r program; do
    [ "$(head -c 4 "$program" | tr -d '\0')" = $'\177ELF' ] || continue
    mv "$program" "$program.elf"
    # shellcheck disable=SC2016 # for the shell to come
    printf '#!/bin/sh\nexec "%s" --argv0 "$0" --library-path "%s" "%s" "$@"\n' \
      "$libraries/ld-linux-x86-64.so.2" "$libraries" "$program.elf" >"$program"
    chmod 755 "$program"
  done
}
