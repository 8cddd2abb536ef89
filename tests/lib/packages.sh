# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The Debian packages that building and testing need, by group, and their
# installation. Needs base.sh.

declare -A PACKAGE_GROUPS=(
  # to build everything and run the tests that need no virtual machine
  [build]="build-essential meson ninja-build pkg-config libglib2.0-dev
    libjansson-dev libpsl-dev libsqlite3-dev zlib1g-dev libmnl-dev
    libnetfilter-queue-dev libsystemd-dev check linux-headers-amd64 kmod"
  # for tests of what is read of rpm's
  [unit]="rpm"
  # to boot one
  [vm]="qemu-system-x86 busybox-static cpio kmod xz-utils openssl
    linux-headers-amd64 socat util-linux systemd dbus polkitd pkexec
    libpam-systemd dbus-user-session"
  # what the tests in the machine talk with, on both sides; the servers are
  # those that come without a service, so that none is started on this machine
  [net]="iproute2 nftables busybox-static dnsmasq-base dropbear-bin
    openssh-client netcat-openbsd socat curl wget bind9-dnsutils iputils-ping iputils-arping
    procps wireguard-tools fuse3 bindfs bubblewrap libcap2-bin slirp4netns passt python3 python3-gi"
  # servers with a service, for the machine alone (unpacked.sh): installed they would
  # start here
  [servers]="openssh-server cron"
  # resolvers, likewise: installed, one would take over this machine's names
  [resolvers]="systemd-resolved libnss-resolve unbound bind9"
  # for the comparison (tests/bench/run peers), likewise
  [opensnitch]="opensnitch"
  # to build a kernel for the tests
  [kernel]="build-essential flex bison bc libelf-dev kmod cpio xz-utils"
  # the bus and the command line, for tests outside the machine
  [bus]="dbus polkitd libglib2.0-bin python3-gi python3-dbus jq zsh"
  # to build the desktop's programs, and to run them on a screen that isn't there
  [gui]="libadwaita-1-dev libgtk-4-dev libnotify-dev xvfb xauth xdotool
    at-spi2-core gir1.2-atspi-2.0 python3-gi imagemagick fonts-cantarell
    fonts-dejavu-core adwaita-icon-theme librsvg2-common procps
    desktop-file-utils appstream libxml2-utils x11-utils"
  # to count the branches that tests take
  [coverage]="gcovr"
  # to build the fuzz targets
  [fuzz]="clang libclang-rt-14-dev"
  # a desktop in the virtual machine
  [desktop]="libadwaita-1-dev libnotify-dev weston python3 fonts-cantarell
    fonts-dejavu-core adwaita-icon-theme librsvg2-common udev"
  # a whole one, with what Debian's starts at the machine and for who logs in; and the
  # libraries of ours. Not installed here: a root of its own (release.sh)
  [session]="weston systemd-sysv systemd-timesyncd libpam-systemd dbus-user-session polkitd pkexec udev
    gdm3 gnome-session gnome-shell gnome-settings-daemon gnome-keyring libpam-gnome-keyring
    gnome-online-accounts evolution-data-server gnome-calendar gnome-contacts gnome-weather
    gnome-software gnome-user-share gnome-remote-desktop gvfs-backends gvfs-fuse glib-networking
    libproxy1-plugin-gsettings nautilus tracker tracker-miner-fs xdg-desktop-portal-gnome
    xdg-user-dirs-gtk pipewire-audio wireplumber at-spi2-core packagekit fwupd geoclue-2.0
    avahi-daemon libnss-mdns cups cups-ipp-utils cups-browsed system-config-printer-udev network-manager
    network-manager-config-connectivity-debian modemmanager colord bolt upower udisks2
    power-profiles-daemon rtkit accountsservice unattended-upgrades libgl1-mesa-dri
    ca-certificates openssl kmod libadwaita-1-0 libnotify4 libjansson4 libpsl5
    libsqlite3-0 libmnl0 libnetfilter-queue1"
  # and its screen as a window here
  [display]="qemu-system-gui"
  # checks on the text of the tree
  [lint]="shellcheck libxml2-utils mandoc sparse"
  # the kernel's own rules for its text
  [style]="perl coccinelle"
  # Debian packages of it, and the machine that installs them
  [packages]="debhelper dh-dkms dkms lintian dpkg-dev ccache"
  # a root of another release
  [release]="debootstrap"
  # what DKMS builds the module with
  [dkms]="dkms linux-headers-amd64 nftables"
  # the demonstration
  [try]="tmux"
)

# The packages of the groups, one a line.
package_names() {
  local group
  for group; do
    [ -n "${PACKAGE_GROUPS[$group]-}" ] || die "no such group of packages: $group"
    # shellcheck disable=SC2086 # a list of words
    printf '%s\n' ${PACKAGE_GROUPS[$group]}
  done | sort -u
}

package_is_installed() {
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

packages_missing() {
  local name
  package_names "$@" | while read -r name; do
    package_is_installed "$name" || printf '%s\n' "$name"
  done
}

# apt_get ARGUMENT...: without questions, waiting for another apt to end.
apt_get() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get \
    -o DPkg::Lock::Timeout=600 -o Acquire::Retries=3 "$@" </dev/null
}

# apt_step WHAT LOG ARGUMENT...: one step, its output only in the log.
apt_step() {
  local what=$1 log=$2
  shift 2
  say "packages: $what"
  apt_get "$@" >>"$log" 2>&1 && return
  tail -n 15 "$log" >&2
  die "$what failed (all of it: $log). See that 'apt-get update' works on this" \
    "machine and that its sources are Debian 12, then run this again"
}

# install_packages GROUP...: the network is touched only when something is missing.
install_packages() {
  local missing log
  missing=$(packages_missing "$@")
  [ -n "$missing" ] || return 0
  command -v apt-get >/dev/null ||
    die "these Debian packages are missing, and there is no apt-get:" "${missing//$'\n'/ }"
  log=$CACHE/apt.log
  mkdir -p "$CACHE" && : >"$log"
  apt_step "updating the lists" "$log" update -q
  # shellcheck disable=SC2086 # a list of words
  apt_step "installing $(wc -w <<<"$missing"): ${missing//$'\n'/ }" "$log" \
    install -y -q --no-install-recommends $missing
}
