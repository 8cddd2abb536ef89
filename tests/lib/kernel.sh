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
  kernel_arrange_headers "$tree"
  PATH=$PATH:/usr/sbin:/sbin depmod -b "$tree" "$KERNEL_VERSION"
}

# Each package of headers names the others by where they would be installed; ours
# are in the tree.
kernel_arrange_headers() {
  local makefile=$1/usr/src/linux-headers-$KERNEL_VERSION/Makefile
  [ ! -e "$makefile" ] || sed -i "s#/usr/src/#$1/usr/src/#" "$makefile"
}

# apt's own user may not write into our folders; as root it says so at length.
apt_download() {
  local sandbox=()
  [ "$(id -u)" != 0 ] || sandbox=(-o APT::Sandbox::User=root)
  apt-get -q "${sandbox[@]}" "$@" </dev/null
}

apt_get_here() { apt_download "$@"; }

# 6.12 is in the backports of this release, built with this release's compiler.
# Which 6.12 is asked once; to get a newer one, remove the cache.
kernel_prepare_backport() {
  local file=$CACHE/kernel/6.12.version base
  [ -s "$file" ] || with_lock "$CACHE/kernel/lock" kernel_ask_backport "$file"
  KERNEL_VERSION=$(<"$file")
  base=${KERNEL_VERSION%-amd64}
  kernel_use_cached apt_get_backports "linux-image-$KERNEL_VERSION" \
    "linux-headers-$KERNEL_VERSION" "linux-headers-$base-common" "linux-kbuild-$base"
  KERNEL_HEADERS=$KERNEL_ROOT/usr/src/linux-headers-$KERNEL_VERSION
}

kernel_ask_backport() {
  local offered
  say "kernel: looking for 6.12 in the backports"
  backports_update >"$CACHE/kernel/apt.log" 2>&1 || {
    tail -n 5 "$CACHE/kernel/apt.log" >&2
    die "the list of the backports could not be fetched"
  }
  backports_configure
  offered=$(apt-cache "${backports_options[@]}" show linux-headers-amd64)
  [[ $offered =~ linux-headers-(6\.12\.[^\ ,]*-amd64) ]] ||
    die "the backports have no kernel 6.12, but: $(grep '^Version:' <<<"$offered" | head -n 1)"
  printf '%s\n' "${BASH_REMATCH[1]}" >"$1"
}

# A configuration of apt's own for the backports, beside the machine's, made of
# the machine's sources: whatever mirror it uses, we do.
backports_configure() {
  local dir=$CACHE/kernel/backports
  mkdir -p "$dir/lists/partial"
  backports_options=(
    -o "Dir::Etc::sourcelist=$dir/backports.sources" -o Dir::Etc::SourceParts=/none
    -o "Dir::State::Lists=$dir/lists"
  )
  backports_sources >"$dir/backports.sources"
  [ -s "$dir/backports.sources" ] ||
    die "no source of Debian 12's main part was found under /etc/apt: the backports can't be derived"
}

# Both of apt's formats, as stanzas that differ only in their suite.
backports_sources() {
  local file
  for file in /etc/apt/sources.list.d/*.sources; do
    [ ! -r "$file" ] || awk '
      BEGIN { RS = ""; ORS = "\n\n" }
      /(^|\n)Suites:[^\n]* bookworm([ \n]|$)/ {
        gsub(/\n#[^\n]*/, "")
        sub(/Suites:[^\n]*/, "Suites: bookworm-backports")
        print
      }' "$file"
  done
  for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
    [ ! -r "$file" ] || sed -n -E \
      's#^deb +(\[[^]]*\] +)?([^ ]+) +bookworm +(.*)$#\1|\2|\3#p' "$file"
  done | while IFS='|' read -r options uri components; do
    printf 'Types: deb\nURIs: %s\nSuites: bookworm-backports\nComponents: %s\n' "$uri" "$components"
    [[ ! $options =~ signed-by=([^]\ ]+) ]] || printf 'Signed-By: %s\n' "${BASH_REMATCH[1]}"
    printf '\n'
  done
}

backports_update() {
  backports_configure
  apt_download "${backports_options[@]}" update
}

apt_get_backports() {
  backports_configure
  apt_download "${backports_options[@]}" "$@"
}
