#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vm: --session --memory 4G --timeout 3600
# part: long
#
# A fresh desktop log-in: a new Debian with GNOME's programs, a new installation of us, and
# alice at the machine. What Debian has enabled starts, also in her session (its screen is
# weston's, without a device), and what its timers would begin some time of the day; the peer
# is the network for all of it. She is asked at most three questions, allows each for good at
# a terminal, so that what a program does next is seen as well, and nothing that goes out by
# itself is refused unasked. Believed are what the session's own agent is told to ask,
# what the firewall wrote down, and who arrived at the peer.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=tests/lib/tap.sh
. "$here/../../lib/tap.sh"
# shellcheck source=tests/vm/lib/peer.sh
. "$here/../lib/peer.sh"
# shellcheck source=tests/vm/lib/asking.sh
. "$here/../lib/asking.sh"
# shellcheck source=tests/vm/lib/internet.sh
. "$here/../lib/internet.sh"

PATIENCE=300 # for what waits for an event; nothing is judged by it
AT_MOST=3    # questions
QUIET=60     # s without a new flow: the log-in is over
OVER=900     # s, by when it is
QUESTIONS=/run/questions
SCREEN=wayland-sallyport

# What is about nothing that this machine has.
NOT_HERE=' e2scrub_reap.service remote-fs.target systemd-pstore.service getty@tty1.service
  e2scrub_all.timer fstrim.timer dpkg-db-backup.timer '

# What GNOME's shell and its settings begin, by the bus.
ACTIVATED=(
  org.gnome.OnlineAccounts org.gnome.Identity org.gnome.evolution.dataserver.Sources5
  org.gnome.evolution.dataserver.AddressBook10 org.gnome.evolution.dataserver.Calendar8
  org.gnome.Shell.CalendarServer org.gnome.Calendar org.gnome.Contacts.SearchProvider
  org.gnome.Weather.BackgroundService org.freedesktop.Tracker3.Miner.Files
  org.freedesktop.portal.Desktop org.freedesktop.secrets org.gtk.vfs.Daemon
  org.gtk.vfs.GoaVolumeMonitor org.gtk.vfs.UDisks2VolumeMonitor org.gtk.vfs.MTPVolumeMonitor
)
SETTINGS=(datetime housekeeping sharing print-notifications smartcard wwan rfkill sound)

# --- this machine ---------------------------------------------------------------------------

# A cable as in any machine: only a pair of devices would be none of NetworkManager's.
cable_is_one() {
  ln -sf /dev/null /etc/udev/rules.d/85-nm-unmanaged.rules
  install -m 600 /dev/stdin /etc/NetworkManager/system-connections/cable.nmconnection <<'END' &&
[connection]
id=cable
type=ethernet
interface-name=eth0
[ipv4]
method=auto
[ipv6]
method=auto
END
    systemctl unmask systemd-udevd.service systemd-udevd-{control,kernel}.socket &&
    systemctl start systemd-udevd.service && udevadm trigger --settle /sys/class/net/eth0
}
is_online() { [ "$(nmcli networking connectivity check)" = full ]; }

enabled() {
  local path
  while read -r path; do
    [[ " ${NOT_HERE//$'\n'/ } " = *" ${path##*/} "* ]] || echo "${path##*/}"
  done <"$VM_LIB/enabled" | sort -u
}

# One after the other, each as long as it takes.
services_start() {
  local unit
  for unit in $(enabled | grep -v '\.timer$\|^gdm\|^display-manager'); do
    systemctl --quiet unmask "$unit" 2>/dev/null
    systemctl start "$unit" || diag "$unit did not start"
  done
}

timers_run() {
  local unit
  echo 'deb [trusted=yes] http://archive.test/debian ./' >/etc/apt/sources.list
  for unit in $(enabled | grep '\.timer$'); do
    systemctl --quiet unmask "$unit" 2>/dev/null
    unit=$(systemctl show -P Unit "$unit")
    systemctl start "$unit" || diag "$unit did not end well"
  done
}

# Each question as the agent gets it: a number, and what is asked.
watch_questions() {
  dbus-monitor --system "interface='org.sallyport.Firewall1.Agent',member='Ask'" >"$QUESTIONS" &
}
questions() {
  awk -F'"' '
    /member=Ask/ { getline; id = $0; sub(/.* /, "", id) }
    $2 == "title" { getline; title[id] = $2 }
    END { for (id in title) print title[id] }' "$QUESTIONS" | sort
}

# --- her session ----------------------------------------------------------------------------

as_alice_unit() { as_alice systemctl --user "$@"; }
screen_is_there() { [ -S "/run/user/1000/$SCREEN" ]; }

# A display manager's session tells the manager of her units what there is, and starts a
# target that is graphical.
session_begins() {
  cat >/etc/systemd/user/desktop.target <<'END'
[Unit]
BindsTo=graphical-session.target
Wants=graphical-session-pre.target xdg-desktop-autostart.target
After=graphical-session-pre.target
END
  modprobe fuse # of portals and gvfs
  as_alice weston --backend=headless-backend.so --idle-time=0 --socket="$SCREEN" \
    >"$VM_RESULTS/weston.log" 2>&1 &
  as_alice_unit set-environment "WAYLAND_DISPLAY=$SCREEN" GDK_BACKEND=wayland \
    XDG_CURRENT_DESKTOP=GNOME XDG_SESSION_TYPE=wayland GSK_RENDERER=cairo &&
    as_alice_unit daemon-reload
}

session_starts() {
  local name
  as_alice_unit start default.target desktop.target || return 1
  for name in "${ACTIVATED[@]}"; do
    as_alice busctl --user --timeout=300 call org.freedesktop.DBus / org.freedesktop.DBus \
      StartServiceByName su "$name" 0 || diag "$name did not start"
  done
  for name in "${SETTINGS[@]}"; do
    as_alice systemd-run --user --quiet --unit="gsd-$name" "/usr/libexec/gsd-$name" ||
      diag "gsd-$name did not start"
  done
}

# Each question as it comes, until the machine ends.
she_answers() {
  local shown=0
  agent_start || return 1
  while :; do
    shown=$((shown + 1))
    until question_shown "$shown"; do
      sleep 0.2
    done
    agent_says 'allow always'
  done &
}

agent_is_there() { sallyport status --json | grep -q '"agents": *1[,}]'; }

# --- what came of it --------------------------------------------------------------------------

records() { sallyport log --all --number 1000 --json; }

# All flows that there are to come have come.
is_quiet() {
  local now
  now=$(records | wc -l)
  [ "$now" = "$flows_before" ] || { flows_before=$now quiet_since=$SECONDS; }
  [ $((SECONDS - quiet_since)) -ge "$QUIET" ]
}

# Records of these events, a line for each kind.
told() {
  records | python3 -c '
import collections, json, sys
kinds = collections.Counter()
for line in sys.stdin:
    r = json.loads(line)
    if r["event"] in sys.argv[1:]:
        kinds[r["event"], r["action"], r["by"], r.get("reason") or "", r["direction"],
              r["program"] or "?", r["user"], r["protocol"], r.get("host") or r["remote"],
              r["remote-port"] if r["direction"] == "out" else r["local-port"]] += 1
for kind, count in sorted(kinds.items(), key=str):
    print(count, *kind)' "$@"
}

# What is there to be talked with was talked with: else nothing would be shown.
web_was_asked() { internet_asked | grep -qE "$1"; }
went_out() {
  ok 'names were looked up' test "$(peer_count udp 53)" -gt 0
  ok 'the clock was asked' test "$(peer_count udp 123)" -gt 0
  ok 'the network manager looked for the internet' web_was_asked '^http network-test.debian.org '
  ok 'apt looked for updates' web_was_asked '^http archive.test '
  ok 'the printer was found, and spoken to' test "$(peer_syn_count 631)" -gt 0
}

show() { # WHAT COMMAND...
  diag "--- $1"
  diag "$("${@:2}" 2>&1)"
}
running() { "$@" list-units --type service --state running,exited --plain --no-legend | awk '{ print $1 }'; }
arrived() { internet_asked | sort | uniq -c; }

ok 'alice has logged in at the machine' seat_ready
eventually 'the firewall is there, newly installed' "$PATIENCE" daemon_ready
ok 'it has its starter rules' has_starter_rules
ok 'the network is there' internet_up
ok 'its web servers are believed' internet_is_believed
ok 'what is asked is watched' watch_questions
ok 'her session has a screen' session_begins
eventually 'which is there' "$PATIENCE" screen_is_there
ok 'the session starts' session_starts
eventually 'its agent is there' "$PATIENCE" agent_is_there
ok 'she answers' she_answers
ok 'the cable is this machine'"'"'s' cable_is_one
ok 'what Debian has enabled starts' services_start
eventually 'the machine finds its way into the internet' "$PATIENCE" is_online
ok 'what the day would begin runs' timers_run
flows_before=0 quiet_since=$SECONDS
eventually 'no new flow comes' "$OVER" is_quiet

show 'the machine runs' running systemctl
show 'her session runs' running as_alice_unit
show 'what failed' systemctl --failed --plain --no-legend
show 'what failed of hers' as_alice_unit --failed --plain --no-legend
show 'what the web was asked for' arrived
show 'flows' told decided asked refused
show 'questions' questions
went_out
cmp_ok 'she is asked few questions' "$(questions | grep -c .)" -le "$AT_MOST"
is 'nothing that goes out is refused unasked' "$(told refused answered | grep -E '(refused|deny|drop) .* out ')" ''
cp "$QUESTIONS" "$VM_RESULTS/" 2>/dev/null

tap_done
