#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vm: --smp 1 --installed --unit tests/vm/boot/eager.service --unit tests/vm/boot/uplink.service --timeout 600
#
# From the machine's first moment: systemd inserts the module and starts the daemon, as
# where they are installed. A service sends from the beginning; what it sends before
# anybody can have decided does not arrive. Then what the unit promises: its place in
# the order, its rights, locked memory, the watchdog, a failure that can be seen.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=tests/lib/tap.sh
. "$here/../../lib/tap.sh"
# shellcheck source=tests/vm/lib/peer.sh
. "$here/../lib/peer.sh"

PATIENCE=120 # for what waits for an event; nothing is judged by it
CAP_DAC_OVERRIDE=1
CAP_NET_ADMIN=12

unit() { systemctl show -P "$1" "${2:-sallyportd.service}"; }
unit_is() { [ "$(unit "$1")" = "$2" ]; }
pid() { unit MainPID; }
protects() { sallyport status --json | grep -q '"state": *"protecting"'; }
doctor_says() { sallyport doctor --json | grep -q "\"check\": *\"$1\""; }

tries() { wc -l </run/eager.log; }
tries_more() { [ "$(tries)" -gt "$1" ]; }
connected() { grep -c ' yes$' /run/eager.log; }
has_connected() { [ "$(connected)" -ge 1 ]; }

# before WHAT PROPERTY UNIT PROPERTY UNIT: by the clock of the kernel, in µs.
before() {
  cmp_ok "$1" "$(unit "$2" "$3")" -lt "$(unit "$4" "$5")"
}

# When the link was there: the first try that had a way.
up=$(unit ActiveEnterTimestampMonotonic uplink.service)
tries_since() {
  awk -v up="$1" '$1 * 1000000 > up' /run/eager.log | wc -l
}
has_tried_since_up() { [ "$(tries_since "$up")" -ge 20 ]; }

# --- the order --------------------------------------------------------------------------

ok 'systemd has inserted the module' test -e /sys/module/sallyport
ok 'and started the daemon' unit_is ActiveState active
is 'which says when it is ready' "$(unit Type)" notify
before 'the service tried before the module was there' \
  ExecMainStartTimestampMonotonic eager.service ActiveEnterTimestampMonotonic systemd-modules-load.service
before 'the module was there before the daemon was started' \
  ActiveEnterTimestampMonotonic systemd-modules-load.service ExecMainStartTimestampMonotonic sallyportd.service
before 'the daemon was ready before the network came up' \
  ActiveEnterTimestampMonotonic sallyportd.service ExecMainStartTimestampMonotonic uplink.service
eventually 'the service tried often since then' "$PATIENCE" has_tried_since_up
is 'it has no connection' "$(connected)" 0
is 'no packet that asks for one has arrived' "$(peer_syn_count 80)" 0
is 'and no datagram' "$(peer_count udp 9)" 0
ok 'a rule' sallyport rules add 'allow out program /usr/bin/bash to 192.0.2.2 protocol tcp port 80'
eventually 'lets it through: nothing but the firewall was in its way' "$PATIENCE" has_connected
cmp_ok 'it arrives' "$(peer_syn_count 80)" -ge 1
is 'the datagrams do not' "$(peer_count udp 9)" 0

# --- its rights -------------------------------------------------------------------------

ok 'systemd-analyze: an exposure of 2.0 at most' \
  systemd-analyze security --no-pager --threshold=20 sallyportd.service
diag "$(systemd-analyze security --no-pager sallyportd.service | tail -n 1)"
is 'it has two capabilities' "$(sed -n 's/^CapEff:[[:space:]]*//p' "/proc/$(pid)/status")" \
  "$(printf '%016x' $((1 << CAP_NET_ADMIN | 1 << CAP_DAC_OVERRIDE)))"
is 'and can have no others' "$(sed -n 's/^CapBnd:[[:space:]]*//p' "/proc/$(pid)/status")" \
  "$(printf '%016x' $((1 << CAP_NET_ADMIN | 1 << CAP_DAC_OVERRIDE)))"
is 'its system calls are filtered' "$(sed -n 's/^Seccomp:[[:space:]]*//p' "/proc/$(pid)/status")" 2
cmp_ok 'its memory is locked, kB' \
  "$(awk '/^VmLck:/ { print $2 }' "/proc/$(pid)/status")" -gt 0
unlike 'it does not complain of what it may not' "$(journalctl -u sallyportd -o cat)" \
  'not locked|CRITICAL|Operation not permitted'

# --- the watchdog -----------------------------------------------------------------------

halted=$(pid)
restarted() { [ "$(pid)" != "$halted" ] && [ "$(pid)" != 0 ] && protects; }
ok 'the daemon is halted' kill -STOP "$halted"
eventually 'the watchdog replaces it' "$PATIENCE" restarted
like 'and says so' "$(journalctl -u sallyportd -o cat)" 'Watchdog timeout'

# --- a failure that can be seen -----------------------------------------------------------

seen=$(peer_syn_count 80)
ok 'a configuration that it can not read' \
  eval 'mkdir -p /etc/sallyport && echo nonsense >/etc/sallyport/sallyport.conf'
fails 'it does not start with that' systemctl restart sallyportd.service
# Ten times in three minutes; of two such spans the end of one and the beginning of the next.
# How long that takes is the machine's.
eventually 'it is not tried for ever' 600 unit_is SubState failed
cmp_ok 'but some times' "$(unit NRestarts)" -lt 20
like 'as there were too many' "$(journalctl -u sallyportd -o cat)" 'Start request repeated too quickly'
like 'the journal has the reason' "$(journalctl -u sallyportd -o cat)" 'sallyport.conf'
alarmed() { journalctl -u sallyport-alarm -o cat | grep -q 'does not run'; }
eventually 'the terminals are told' "$PATIENCE" alarmed
fails 'the doctor finds it bad' sallyport doctor
ok 'and says which' doctor_says daemon
fails 'the status, too' sallyport status
before_count=$(tries)
eventually 'the service goes on trying' "$PATIENCE" tries_more $((before_count + 5))
is 'nothing new is let through' "$(peer_count udp 9)" 0
diag "connections while it is away, by what was decided: $(($(peer_syn_count 80) - seen))"
ok 'with a configuration that it can read' rm /etc/sallyport/sallyport.conf
ok 'it starts, as the terminals were told' \
  eval 'systemctl reset-failed sallyportd && systemctl start sallyportd'
eventually 'and protects' "$PATIENCE" protects

systemctl stop eager.service
tap_done
