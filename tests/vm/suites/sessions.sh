#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# part: long
# vm: --smp 1 --systemd --seat --timeout 600
#
# Where a program runs decides what it may without a password: in the session at the
# machine, in one that is switched away from, from elsewhere, from the user's manager,
# from no session at all. With logind, polkit and passwords as they are.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=tests/lib/tap.sh
. "$here/../../lib/tap.sh"
# shellcheck source=tests/vm/lib/peer.sh
. "$here/../lib/peer.sh"
# shellcheck source=tests/vm/lib/asking.sh
. "$here/../lib/asking.sh"

PATIENCE=60
REFUSED=3 # sallyport: not authorised

# in_session ID USER COMMAND...: whether or not it is the active one.
in_session() {
  local session=$1 user=$2 uid
  shift 2
  uid=$(id -u "$user")
  sh -c 'echo $$ >"$1" && shift && exec "$@"' sh \
    "/sys/fs/cgroup/user.slice/user-$uid.slice/session-$session.scope/cgroup.procs" \
    setpriv --reuid "$uid" --regid "$(id -g "$user")" --init-groups \
    env -i HOME="/home/$user" PATH="$PATH" LANG=C.UTF-8 XDG_SESSION_ID="$session" "$@"
}

# As a job of cron's, or a service of the system.
in_no_session() { systemd-run --quiet --pipe --wait --collect --uid=alice "$@"; }

in_her_manager() { as_alice systemd-run --user --quiet --pipe --wait --collect "$@"; }

from_elsewhere() { vm-as alice "$@"; }

sees_rules() { # WHERE...
  "$@" sallyport rules list --json </dev/null >/dev/null 2>&1
}

denies() { # PORT WHERE...
  local port=$1
  shift
  "$@" sallyport rules add deny out port "$port" </dev/null >/dev/null 2>&1
}

allows() { # WHERE...
  "$@" sallyport rules add allow out program /usr/bin/dig </dev/null >/dev/null 2>&1
}

# typing PASSWORD WHERE...: with a terminal, on which the password is typed.
typing() {
  local password=$1 typed=$AGENT_DIR/typed tries=0
  shift
  mkdir -p "$AGENT_DIR"
  rm -f "$typed" && mkfifo "$typed"
  exec 8<>"$typed"
  "$@" script -qfec 'sallyport rules add allow out program /usr/bin/dig to 192.0.2.9' /dev/null \
    <"$typed" >"$AGENT_DIR/typing" 2>&1 8>&- &
  until grep -q 'Password: ' "$AGENT_DIR/typing"; do
    tries=$((tries + 1))
    [ "$tries" -lt 600 ] || break
    sleep 0.1
  done
  printf '%s' "$password" >&8
  wait $!
  local status=$?
  exec 8>&-
  return "$status"
}

session_of() { loginctl list-sessions --no-legend | awk -v user="$1" '$3 == user && $4 == "seat0" { print $1 }'; }

# A second seat is a device that says so. This machine's udev is not started.
second_seat() {
  mkdir -p /run/udev/rules.d
  cat >/run/udev/rules.d/72-seat1.rules <<'END'
KERNEL=="null", TAG+="seat", TAG+="master-of-seat", ENV{ID_SEAT}="seat1"
END
  /lib/systemd/systemd-udevd --daemon && udevadm trigger --settle /dev/null
}
is_seat() { loginctl list-seats --no-legend | grep -qw "$1"; }
# Until the machine is off.
sits_down() { # USER SEAT
  XDG_SEAT=$2 runuser --login "$1" --command 'exec sleep infinity' </dev/null >/dev/null 2>&1 &
}
sits_at() { [ -n "$(session_at "$1" "$2")" ]; }
session_at() { loginctl list-sessions --no-legend | awk -v user="$1" -v seat="$2" '$3 == user && $4 == seat { print $1 }'; }
is_active() { [ "$(loginctl show-session "$1" -P Active 2>/dev/null)" = yes ]; }
has_session() {
  local session
  session=$(session_of "$1")
  [ -n "$session" ] && in_session "$session" "$1" true
}

ok 'alice sits at the machine' seat_ready
eventually 'the daemon protects' "$PATIENCE" daemon_ready
alice=$(session_of alice)

# --- where from ------------------------------------------------------------------------

status_is 'at the machine she sees her rules' 0 sees_rules as_alice
status_is 'may deny' 0 denies 1 as_alice
status_is 'and not allow' "$REFUSED" allows as_alice
status_is 'her manager counts as she does' 0 sees_rules in_her_manager
status_is 'and may not allow either' "$REFUSED" allows in_her_manager
for where in from_elsewhere in_no_session; do
  status_is "$where: she sees nothing" "$REFUSED" sees_rules "$where"
  status_is "$where: may not deny" "$REFUSED" denies 2 "$where"
  status_is "$where: nor allow" "$REFUSED" allows "$where"
  status_is "$where: nor answer" "$REFUSED" "$where" sallyport answer --lines
done

# --- passwords, typed in a terminal -----------------------------------------------------

status_is 'a wrong password' "$REFUSED" typing $'guess\n' from_elsewhere
status_is 'none: the terminal is closed' "$REFUSED" typing $'\x04' from_elsewhere
status_is 'her password' 0 typing $'alice\n' from_elsewhere
ok 'made the one rule that allows' has_rule 'allow out program /usr/bin/dig owner 1000 to 192.0.2.9'

# --- another user comes to the machine --------------------------------------------------

mkdir -p /run/systemd/system/getty@tty2.service.d
sed 's/autologin alice/autologin bob/; s/tty1/tty2/' /etc/systemd/system/getty@tty1.service.d/seat.conf \
  >/run/systemd/system/getty@tty2.service.d/seat.conf
systemctl daemon-reload
ok 'bob logs in on another terminal' systemctl start getty@tty2
eventually 'he has a session at the machine' "$PATIENCE" has_session bob
bob=$(session_of bob)
ok 'it is switched to' loginctl activate "$bob"
eventually 'he is active' "$PATIENCE" is_active "$bob"
fails 'alice is not any more' is_active "$alice"
status_is 'bob sees his rules' 0 sees_rules in_session "$bob" bob
status_is 'alice sees nothing' "$REFUSED" sees_rules in_session "$alice" alice
status_is 'she may deny' 0 denies 3 in_session "$alice" alice
status_is 'and not answer' "$REFUSED" in_session "$alice" alice sallyport answer --lines
is "bob sees nothing of alice's" \
  "$(in_session "$bob" bob sallyport rules list --json | grep -c 'owner 1000')" 0
ok 'and back' loginctl activate "$alice"
eventually 'alice is active' "$PATIENCE" is_active "$alice"
status_is 'she sees her rules' 0 sees_rules in_session "$alice" alice
status_is 'bob does not see his' "$REFUSED" sees_rules in_session "$bob" bob

# --- each at a seat of his own -----------------------------------------------------------

ok 'bob goes' loginctl terminate-session "$bob"
ok 'the machine has a second seat' second_seat
eventually 'logind knows it' "$PATIENCE" is_seat seat1
sits_down bob seat1
eventually 'bob sits there' "$PATIENCE" sits_at bob seat1
bob=$(session_at bob seat1)
for name in alice bob; do
  session=${!name}
  ok "$name is active" is_active "$session"
  status_is "$name sees the rules" 0 sees_rules in_session "$session" "$name"
  status_is "$name may deny" 0 denies 4 in_session "$session" "$name"
  status_is "$name may not allow" "$REFUSED" allows in_session "$session" "$name"
done
is "bob sees nothing of alice's" \
  "$(in_session "$bob" bob sallyport rules list --json | grep -c '"owner": *1000')" 0
cmp_ok 'and something of his own' \
  "$(in_session "$bob" bob sallyport rules list --json | grep -c '"owner": *1001')" -ge 1

# --- the bus starts the daemon ----------------------------------------------------------

ok 'the daemon is stopped' systemctl stop sallyportd
ok 'a call over the bus starts it' in_session "$alice" alice busctl --quiet call \
  org.sallyport.Firewall1 /org/sallyport/Firewall1 org.sallyport.Firewall1.Manager GetStatus
eventually 'it protects' "$PATIENCE" daemon_ready

tap_done
