#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vm: --smp 1 --no-daemon --timeout 300
#
# The rules that a new installation begins with: brought in once, and not again when
# they were removed; those about ssh only where somebody uses it.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=tests/lib/tap.sh
. "$here/../../lib/tap.sh"
# shellcheck source=tests/vm/lib/daemon.sh
. "$here/../lib/daemon.sh"

DONE=/var/lib/sallyport/starter-done
shipped=$(grep -c '^allow' "$VM_TOP/data/starter.rules")

rules() { sallyport rules list --json 2>/dev/null | grep -c '"sentence"'; }

has_rules() { [ "$(rules)" = "$1" ]; }

new_installation() {
  rm -rf /var/lib/sallyport
  # shellcheck disable=SC2119 # no order for it
  daemon_start
}

# Wherever this build looks for them.
for folder in /usr/share/sallyport /usr/local/share/sallyport; do
  install -D -m 644 -t "$folder" "$VM_TOP"/data/starter*.rules
done
ok 'the system bus' bus_up
ok 'a daemon with nothing' new_installation
eventually 'the starter rules come in' 60 has_rules "$shipped"
eventually 'which is noted' 10 test -e $DONE
like 'with the reason of each' "$(sallyport rules list --json)" '"note": *"names, from this machine'
first=$(sallyport rules list --json | grep -o '"id": *[0-9]*' | grep -o '[0-9]*' | sort -n | head -n 1)
ok 'one is removed' sallyport rules remove "$first"
daemon_kill
ok 'the daemon again' daemon_start
is 'it does not come back' "$(rules)" $((shipped - 1))
daemon_kill

# Somebody is here by ssh: a connection to port 22 of this machine.
sleep infinity | nc -l 127.0.0.1 22 >/dev/null 9>&- &
listener=$!
listens() { grep -q ':0016 [0-9A-F]*:[0-9A-F]* 0A ' /proc/net/tcp; }
eventually 'port 22 listens' 20 listens
sleep infinity | nc 127.0.0.1 22 >/dev/null 9>&- &
is_open() { grep -q ':0016 [0-9A-F]*:[0-9A-F]* 01 ' /proc/net/tcp; }
eventually 'a connection to it is open' 20 is_open
ok 'a daemon with nothing' new_installation
eventually 'the rules about ssh come in, too' 60 has_rules \
  $((shipped + $(grep -c '^allow' "$VM_TOP/data/starter-ssh.rules")))
kill "$listener" %% 2>/dev/null
daemon_kill
tap_done
