# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The root of another Debian release, in the cache: made by debootstrap from the machine's
# own sources, with what building our packages needs there and a kernel's headers. Needs
# base.sh and suite.sh.

# release_root RELEASE: prints the folder, which is filled first if need be.
release_root() {
  local dir=$CACHE/release/$1
  [ -e "$dir/complete" ] || with_lock "$CACHE/release/lock" release_fill "$1" "$dir" >&2
  printf '%s\n' "$dir/root"
}

# What suite_sources says, as debootstrap wants it.
release_mirror() { suite_sources "$1" | sed -n 's/^URIs: *//p' | head -n 1; }

# What debian/control wants, a kernel's headers, and what the machine is to be.
release_packages() {
  sed -n '/^Build-Depends:/,/^[A-Z]/s/^ \([a-z0-9+.-]*\).*/\1/p' "$TOP/debian/control" |
    sed 's/^debhelper-compat$/debhelper/'
  printf '%s\n' build-essential dkms linux-headers-amd64 lintian nftables kmod \
    dbus polkitd systemd-sysv
}

release_bootstrap() {
  local release=$1 root=$2 mirror=$3 names
  mapfile -t names < <(release_packages | sort -u)
  as_root debootstrap --variant=minbase "$release" "$root" "$mirror" &&
    as_root cp -L /etc/resolv.conf "$root/etc/resolv.conf" &&
    as_root cp -L /etc/hosts "$root/etc/hosts" &&
    release_run "$root" apt-get update -q &&
    release_run "$root" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q \
      --no-install-recommends "${names[@]}"
}

release_fill() {
  local release=$1 dir=$2 mirror
  [ ! -e "$dir/complete" ] || return 0
  mirror=$(release_mirror "$release")
  [ -n "$mirror" ] || die "this machine has no source that $release could come from"
  rm -rf "$dir"
  mkdir -p "$dir"
  say "release: making a root of $release"
  release_bootstrap "$release" "$dir/root" "$mirror" >"$dir/log" 2>&1 </dev/null || {
    tail -n 5 "$dir/log" >&2
    die "a root of $release could not be made (log: $dir/log)"
  }
  touch "$dir/complete"
}

# release_run ROOT COMMAND...: in it, as root, with the build folder at the same place.
release_run() {
  local root=$1
  shift
  # shellcheck disable=SC2016 # for the inner shell
  as_root unshare --mount --pid --fork --kill-child -- sh -c '
    root=$1 build=$2
    shift 2
    mkdir -p "$root$build"
    mount --bind "$build" "$root$build"
    mount -t proc proc "$root/proc"
    mount --rbind /dev "$root/dev"
    exec chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 HOME=/root "$@"
  ' sh "$root" "$BUILD" "$@"
}
