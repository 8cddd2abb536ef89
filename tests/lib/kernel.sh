# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The kernels that the tests boot: Debian's packages, downloaded and unpacked
# into the cache, never installed on the machine. Needs base.sh.
#
# kernel_prepare 6.1 sets:
#   KERNEL_VERSION  what uname -r says there
#   KERNEL_IMAGE    the file to boot
#   KERNEL_MODULES  the folder lib/modules/KERNEL_VERSION, depmod done
#   KERNEL_ROOT     the folder whose lib/modules that is, for modprobe -d
#   KERNEL_HEADERS  the folder to build modules against
# The variables are for those who source this file.
# shellcheck disable=SC2034

KERNEL_SERIES="6.1 6.12 7.2"

kernel_prepare() {
  case $1 in
    6.1) kernel_prepare_default ;;
    6.12) kernel_prepare_backport ;;
    7.2) die "kernel 7.2 is not available in this build of the test tools" ;;
    *) die "no such kernel: $1 (there are: $KERNEL_SERIES)" ;;
  esac
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
  kernel_use_cached apt_get_here "linux-image-$KERNEL_VERSION"
}

# A machine that runs this very kernel has it already.
kernel_use_installed() {
  [ -r "/boot/vmlinuz-$KERNEL_VERSION" ] &&
    [ -r "/lib/modules/$KERNEL_VERSION/modules.dep" ] || return 1
  KERNEL_IMAGE=/boot/vmlinuz-$KERNEL_VERSION
  KERNEL_ROOT=/
  KERNEL_MODULES=/lib/modules/$KERNEL_VERSION
}

# kernel_use_cached FETCHER PACKAGE...: from the cache, which is filled first
# if need be by "FETCHER download PACKAGE..." in the folder for it.
kernel_use_cached() {
  local tree=$CACHE/kernel/$KERNEL_VERSION
  [ -e "$tree/complete" ] ||
    with_lock "$CACHE/kernel/lock" kernel_fill "$tree" "$@"
  KERNEL_ROOT=$tree
  KERNEL_MODULES=$tree/lib/modules/$KERNEL_VERSION
  KERNEL_IMAGE=$tree/boot/vmlinuz-$KERNEL_VERSION
}

# kernel_fill TREE FETCHER PACKAGE...: "complete" is written last, so that what
# was interrupted is begun again.
kernel_fill() {
  local tree=$1 fetcher=$2
  shift 2
  [ ! -e "$tree/complete" ] || return 0
  rm -rf "$tree"
  mkdir -p "$tree/deb"
  say "kernel: downloading $*"
  (cd "$tree/deb" && "$fetcher" download "$@") >"$tree/download.log" 2>&1 || {
    tail -n 5 "$tree/download.log" >&2
    die "could not download $*. If the archive has a newer one, bring the headers" \
      "up to it: apt-get update && apt-get install linux-headers-amd64"
  }
  say "kernel: unpacking"
  local deb
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
  PATH=$PATH:/usr/sbin:/sbin depmod -b "$tree" "$KERNEL_VERSION"
}

# apt's own user may not write into our folders; as root it says so at length.
apt_download() {
  local sandbox=()
  [ "$(id -u)" != 0 ] || sandbox=(-o APT::Sandbox::User=root)
  apt-get -q "${sandbox[@]}" "$@" </dev/null
}

apt_get_here() { apt_download "$@"; }

kernel_prepare_backport() {
  die "kernel 6.12 is not available in this build of the test tools"
}
