# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# shellcheck disable=SC2154 # run has set root
#
# What of systemd the test machine has, with --systemd: the bus, logind, polkit
# on demand, the daemon, the test itself. All else is masked: it costs minutes
# under emulation. DIR becomes all of /etc/systemd/system. Needs base.sh; $root as in seed.sh.

SYSTEMD_MASKED=(
  apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer man-db.timer
  dev-hugepages.mount dev-mqueue.mount e2scrub_all.timer fstrim.timer
  getty-static.service kmod-static-nodes.service ldconfig.service logrotate.timer
  modprobe@.service proc-sys-fs-binfmt_misc.automount serial-getty@.service
  sys-fs-fuse-connections.mount sys-kernel-config.mount sys-kernel-debug.mount
  sys-kernel-tracing.mount systemd-ask-password-console.path
  systemd-ask-password-wall.path systemd-binfmt.service systemd-boot-system-token.service
  systemd-firstboot.service systemd-hwdb-update.service systemd-initctl.socket
  systemd-journal-catalog-update.service systemd-journal-flush.service
  systemd-journald-audit.socket systemd-machine-id-commit.service
  systemd-modules-load.service systemd-networkd.service systemd-pcrphase.service
  systemd-pcrphase-sysinit.service systemd-random-seed.service
  systemd-remount-fs.service systemd-repart.service systemd-resolved.service
  systemd-sysctl.service systemd-sysext.service systemd-sysusers.service
  systemd-timesyncd.service systemd-tmpfiles-clean.timer systemd-tmpfiles-setup.service
  systemd-tmpfiles-setup-dev.service systemd-udev-settle.service
  systemd-udev-trigger.service systemd-udevd.service systemd-udevd-control.socket
  systemd-udevd-kernel.socket systemd-update-done.service systemd-update-utmp.service
  tmp.mount
)

# A desktop's screen, mouse and keyboard are found by udev alone; logind may open
# only what is in /proc/devices when it starts (modprobe@drm).
SYSTEMD_DESKTOP=(
  modprobe@.service
  systemd-udevd.service systemd-udevd-control.socket systemd-udevd-kernel.socket
  systemd-udev-trigger.service
)

# What loads the module where it is installed.
SYSTEMD_INSTALLED=(systemd-modules-load.service)

# seed_units DIR SEAT(1|'') DESKTOP(1|'') INSTALLED(1|''): the folder of units.
seed_units() {
  local dir=$1 seat=$2 desktop=$3 installed=$4 unit spared=' '
  mkdir -p "$dir"
  [ -z "$desktop" ] || spared+="${SYSTEMD_DESKTOP[*]} "
  [ -z "$installed" ] || spared+="${SYSTEMD_INSTALLED[*]} "
  for unit in "${SYSTEMD_MASKED[@]}"; do
    [[ $spared = *" $unit "* ]] || ln -s /dev/null "$dir/$unit"
  done
  unit_target >"$dir/sallyport-vm.target"
  unit_test >"$dir/sallyport-test.service"
  ln -s sallyport-vm.target "$dir/default.target"
  mkdir "$dir/sallyport-vm.target.wants"
  ln -s ../sallyport-test.service "$dir/sallyport-vm.target.wants/"
  [ -z "$seat" ] || seed_seat "$dir"
}

unit_target() {
  cat <<'END'
[Unit]
Description=The test machine
Requires=basic.target
Wants=dbus.service systemd-logind.service
After=basic.target
END
}

# Its output goes where guest-run sends it; the unit is only its process tree.
unit_test() {
  cat <<'END'
[Unit]
Description=The test
Wants=dbus.service systemd-logind.service
After=dbus.service systemd-logind.service sallyportd.service
SuccessAction=none

[Service]
Type=exec
ExecStart=/bin/bash /opt/sallyport-vm/guest-run
StandardInput=null
StandardOutput=journal
StandardError=journal
TimeoutStartSec=infinity
KillMode=process
TasksMax=infinity
LimitMEMLOCK=infinity
END
}

# alice at the machine: a session on tty1 of seat0, which logind calls active.
seed_seat() {
  ln -s /lib/systemd/system/getty@.service "$1/sallyport-vm.target.wants/getty@tty1.service"
  mkdir "$1/getty@tty1.service.d"
  cat >"$1/getty@tty1.service.d/seat.conf" <<'END'
[Service]
Type=simple
ExecStart=
ExecStart=-/sbin/agetty --autologin alice --noclear --nohostname tty1 linux
END
}

# seed_generators DIR: the host's disks and old init scripts are not ours.
# DIR becomes part of /etc.
seed_generators() {
  local generator
  mkdir -p "$1/systemd/system-generators" "$1/systemd/journald.conf.d"
  for generator in "$root"/lib/systemd/system-generators/*; do
    ln -s /dev/null "$1/systemd/system-generators/${generator##*/}"
  done
  printf '[Journal]\nStorage=volatile\nRateLimitBurst=0\n' \
    >"$1/systemd/journald.conf.d/vm.conf"
  mkdir -p "$1/tmpfiles.d"
  ln -s /dev/null "$1/tmpfiles.d/tmp.conf"
}

# seed_patience DIR: a whole desktop's services may take as long as they do on a busy host.
seed_patience() {
  local manager
  for manager in system user; do
    mkdir -p "$1/systemd/$manager.conf.d"
    printf '[Manager]\nDefaultTimeoutStartSec=infinity\nDefaultDeviceTimeoutSec=infinity\n' \
      >"$1/systemd/$manager.conf.d/patience.conf"
  done
}

# seed_login DIR: for vm-as, whose sessions count as a person's, not as a
# background task's. DIR becomes part of /etc.
seed_login() {
  mkdir -p "$1/pam.d"
  cat >"$1/pam.d/runuser-l" <<'END'
auth    sufficient pam_rootok.so
session optional   pam_systemd.so class=user type=tty
session required   pam_unix.so
END
}

# seed_daemon_unit DIR TREE INSTALLED(1|''): starts the daemon, where the build
# installs a unit; where it is installed with all that a package enables.
seed_daemon_unit() {
  local names=(sallyportd) name
  [ -z "$3" ] || names+=(sallyport-alarm)
  for name in "${names[@]}"; do
    seed_enabled "$1" "$2" "$name.service" "$3" || return 1
  done
}

# seed_enabled DIR TREE UNIT INSTALLED(1|''): when the unit itself says, or, where the
# module is inserted by hand, with us.
seed_enabled() {
  local unit target=sallyport-vm.target
  unit=$(find "$2" -path "*/systemd/system/$3" -print -quit 2>/dev/null)
  [ -n "$unit" ] || return 1
  [ -z "$4" ] || target=$(sed -n 's/^WantedBy=//p' "$unit")
  mkdir -p "$1/$target.wants"
  ln -s "/${unit#"$2"/}" "$1/$target.wants/$3"
}

# seed_more_units DIR FILE...: wanted by sysinit.target; when they start, they say.
seed_more_units() {
  local dir=$1 file
  shift
  mkdir -p "$dir/sysinit.target.wants"
  for file; do
    sed "s#@TOP@#$TOP#g" "$file" >"$dir/${file##*/}"
    ln -s "../${file##*/}" "$dir/sysinit.target.wants/"
  done
}
