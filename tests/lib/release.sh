# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The root of another Debian release, in the cache: made by debootstrap from the machine's
# own sources, with what building our packages needs there, a kernel with its headers, and
# what a test machine of it has (tests/vm/run --root). Needs base.sh, packages.sh and
# suite.sh.

# release_root RELEASE [GROUP]: prints the folder, which is filled first if need be. With
# GROUP one that has the packages of that group instead.
release_root() {
  local dir=$CACHE/release/$1${2:+-$2}
  with_lock "$CACHE/release/lock" release_fill "$1" "$dir" "${2-}" >&2 || return 1
  printf '%s\n' "$dir/root"
}

# What suite_sources says, as debootstrap wants it.
release_mirror() { suite_sources "$1" | sed -n 's/^URIs: *//p' | head -n 1; }

# release_packages [GROUP]: what debian/control wants, a kernel, and what the machine is to
# be and to talk with; or the group's, and that.
release_packages() {
  package_names net
  if [ -n "${1-}" ]; then
    package_names "$1"
    return
  fi
  sed -n '/^Build-Depends:/,/^[A-Z]/s/^ \([a-z0-9+.-]*\).*/\1/p' "$TOP/debian/control" |
    sed 's/^debhelper-compat$/debhelper/'
  printf '%s\n' build-essential dkms linux-headers-amd64 linux-image-amd64 lintian kmod \
    dbus polkitd systemd-sysv systemd-timesyncd libpam-systemd dbus-user-session ccache
}

release_bootstrap() {
  local release=$1 root=$2 mirror
  mirror=$(release_mirror "$release")
  [ -n "$mirror" ] || die "this machine has no source that $release could come from"
  as_root debootstrap --variant=minbase "$release" "$root" "$mirror" &&
    as_root cp -L /etc/resolv.conf "$root/etc/resolv.conf" &&
    as_root cp -L /etc/hosts "$root/etc/hosts" && release_forbid_services "$root"
}

# What is installed must not start on this machine, whose network it would share.
release_forbid_services() {
  printf '#!/bin/sh\nexit 101\n' | as_root install -m 755 /dev/stdin "$1/usr/sbin/policy-rc.d"
}

# release_apt ROOT ARGUMENT...
release_apt() {
  local root=$1
  shift
  release_run "$root" env DEBIAN_FRONTEND=noninteractive apt-get -q "$@"
}

release_install() {
  local root=$1
  shift
  release_apt "$root" update && release_apt "$root" install -y --no-install-recommends "$@"
}

# release_make RELEASE DIR NAME...: a root that is complete only lacks what was added.
release_make() {
  local release=$1 dir=$2
  shift 2
  if [ ! -e "$dir/complete" ]; then
    rm -rf "$dir/root"
    release_bootstrap "$release" "$dir/root" || return 1
  fi
  release_install "$dir/root" "$@"
}

# "complete" names what it was made with.
release_fill() {
  local release=$1 dir=$2 names
  names=$(release_packages "$3" | sort -u)
  [ "$(cat "$dir/complete" 2>/dev/null)" != "$names" ] || return 0
  mkdir -p "$dir"
  say "release: making a root of $release"
  # shellcheck disable=SC2086 # a list of words
  release_make "$release" "$dir" $names >"$dir/log" 2>&1 </dev/null || {
    tail -n 5 "$dir/log" >&2
    die "a root of $release could not be made (log: $dir/log)"
  }
  printf '%s\n' "$names" >"$dir/complete"
}

# release_run ROOT COMMAND...: in it, as root, with the build folder and the cache at
# the same place.
release_run() {
  local root=$1
  shift
  # shellcheck disable=SC2016 # for the inner shell
  as_root unshare --mount --pid --fork --kill-child -- sh -c '
    root=$1
    for place in "$2" "$3"; do
      mkdir -p "$root$place"
      mount --bind "$place" "$root$place"
    done
    shift 3
    mount -t proc proc "$root/proc"
    mount --rbind /sys "$root/sys"
    mount --rbind /dev "$root/dev"
    exec chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 HOME=/root "$@"
  ' sh "$root" "$BUILD" "$CACHE" "$@"
}
