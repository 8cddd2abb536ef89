# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# shellcheck disable=SC2154 # inside.sh has set them
#
# ./try --here on a machine that has none of us, over ssh and with packages that are
# built: it asks first, is taken back where nobody confirms, and by what it prints. For
# inside.sh, which has sourced tap.sh, peer.sh and first_run.sh.

HERE_LOG=/run/first-run/try-here

# here_says MINUTES ANSWER...: with a terminal, on which these are typed when it asks.
here_says() {
  local minutes=$1
  shift
  HERE_ANSWERS="$*" SALLYPORT_TRY_MINUTES=$minutes SSH_CONNECTION='192.0.2.2 4711 192.0.2.1 22' \
    "$VM_TOP/tests/packages/typist.py" "$HERE_LOG" "$VM_TOP/try" --here "$packages"
}

try_says() { grep -q -- "$1" "$HERE_LOG"; }
is_installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' sallyport 2>/dev/null)" = installed ]; }
is_gone() { ! is_installed && [ ! -e /sys/module/sallyport ]; }
units() { find /etc/systemd /usr/lib/systemd -name 'sallyport[d-]*' ! -name 'sallyport-vm*' ! -name 'sallyport-test*' | sort; }

# What it prints after "To undo all of it:", as it stands there.
undo_printed() {
  local command
  command=$(tr -d '\r' <"$HERE_LOG" | sed -n 's/^  sudo \(apt-get purge .*\)/\1/p' | tail -n 1)
  [ -n "$command" ] || return 1
  diag "$command"
  eval "${command/purge/purge -y}"
}

scene_try_here() {
  local before
  before=$(units)
  agent_leaves
  status_is 'try --here: "no" ends it' 1 here_says 10 no
  ok 'it has named what it would change' try_says 'packages are installed: sallyport sallyport-dkms'
  ok 'and how that is undone' try_says 'sudo apt-get purge sallyport sallyport-dkms'
  ok 'and that it is guarded' try_says 'here over ssh'
  fails 'nothing was changed' is_installed

  status_is 'what is not kept is taken back' 1 here_says 30 yes no
  ok 'it had been installed' try_says 'log in by a second ssh session'
  eventually 'it is gone' "$PATIENCE" is_gone

  ok 'confirmed, it stays' here_says 30 yes yes
  ok 'installed' is_installed
  eventually 'and it protects' "$PATIENCE" state_is protecting
  fails 'the guard is gone' systemctl --quiet is-active sallyport-try-guard.timer
  status_is 'what nobody decides is refused' 7 fetch_other
  ok 'what it prints undoes it' undo_printed
  ok 'it is gone' is_gone
  is 'no unit is left' "$(units)" "$before"
  ok 'and nothing is refused' fetch_other
}
