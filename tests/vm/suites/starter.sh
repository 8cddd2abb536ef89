#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vm: --smp 1 --no-daemon --timeout 300
#
# What a new installation begins with. Its rules: brought in once, and not again when
# they were removed; those about ssh only where somebody uses it. And what programs had begun
# before: who is here by ssh stays, who is connecting is asked about.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=tests/lib/tap.sh
. "$here/../../lib/tap.sh"
# shellcheck source=tests/vm/lib/peer.sh
. "$here/../lib/peer.sh"
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

# Somebody is here by ssh, since before the module: a connection to port 22 of this machine,
# which says something before the daemon begins, as who installs us does all the time.
LINE=/run/line HEARD=/run/heard
listens() { grep -q ':0016 [0-9A-F]*:[0-9A-F]* 0A ' /proc/net/tcp; }
is_open() { grep -q ':0016 [0-9A-F]*:[0-9A-F]* 01 ' /proc/net/tcp; }
heard() { grep -qx "$1" "$HEARD"; }
says() { echo "$1" >&8; }
ok 'the peer is there' peer_up
ok 'the module is not' rmmod sallyport
mkfifo "$LINE" && exec 8<>"$LINE"
nc -l 192.0.2.1 22 >"$HEARD" </dev/null 8>&- &
listener=$!
eventually 'port 22 listens' 20 listens
peer_run nc 192.0.2.1 22 <"$LINE" >/dev/null 8>&- &
eventually 'a connection to it is open' 20 is_open
ok 'the module comes' insmod "$VM_MODULE"
says one
eventually 'the connection goes on' 20 heard one
ok 'a daemon with nothing' new_installation
is 'the rules about ssh are there, too' "$(rules)" \
  $((shipped + $(grep -c '^allow' "$VM_TOP/data/starter-ssh.rules")))
says two
eventually 'and the connection goes on' 20 heard two
kill "$listener" %% 2>/dev/null
daemon_kill

# Somebody is connecting since before the module. Nothing leaves until he can be asked about:
# what nobody decides would be refused.
is_connecting() { grep -q ':1F90 02 ' /proc/net/tcp; }
ok 'the module goes' rmmod sallyport
retries=$(sysctl -n net.ipv4.tcp_syn_retries)
ok 'who connects tries for long' sysctl -qw net.ipv4.tcp_syn_retries=10
ok 'nothing leaves' nft 'table inet gap { chain out {
  type filter hook output priority raw; oif != "lo" drop; }; }'
curl --silent --output /dev/null http://192.0.2.2:8080/ &
program=$!
eventually 'a program is connecting' 20 is_connecting
ok 'the module comes' insmod "$VM_MODULE"
ok 'a daemon, too' daemon_start
agent_up
eventually 'somebody can be asked' 60 agents_registered 1
ok 'it may leave' nft delete table inet gap
eventually 'it is asked about when it tries again' 120 question_shown 1
ok 'as that program' agent_has '^curl wants to connect to 192.0.2.2 on port 8080'
ok 'by its path' agent_has 'Program: /usr/bin/curl'
is 'and waits' "$(peer_syn_count 8080)" 0
agent_says allow once
ok 'allowed, it connects' wait "$program"
cmp_ok 'when it was allowed' "$(peer_syn_count 8080)" -ge 1
sysctl -qw net.ipv4.tcp_syn_retries="$retries"
agent_down
daemon_kill
tap_done
