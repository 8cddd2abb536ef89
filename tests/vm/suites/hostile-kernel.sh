#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vm: --timeout 900
#
# Past the daemon: a user who speaks to the module over netlink, binds its queues,
# or sends by sockets of odd kinds gains nothing, in the machine's namespaces and
# in those he makes. Then the messages of a daemon that has gone mad.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=tests/lib/tap.sh
. "$here/../../lib/tap.sh"
# shellcheck source=tests/vm/lib/peer.sh
. "$here/../lib/peer.sh"
# shellcheck source=tests/vm/lib/attack.sh
. "$here/../lib/attack.sh"

QUEUES='5200 5330' # the daemon's, and some more
alice() { setpriv --reuid alice --regid alice --init-groups env -i HOME=/home/alice PATH="$PATH" "$@"; }

daemon_pid() { cat /run/sallyport-vm/daemon.pid; }

daemon_protects() { sallyport status --json | grep -q '"state": *"protecting"'; }

# errors: every error that came back, each once.
errors() { grep -oE '[A-Z]+:' "$ATTACK/output" | sort -u | tr -d '\n'; }

# errors_of COMMAND...: those of some commands only, to "do" and to "dump". That
# there is nothing to dump is said before all else by some kernels.
errors_of() {
  local command
  for command; do
    grep "^$command " "$ATTACK/output"
  done | grep -oE '[A-Z]+:' | grep -v EOPNOTSUPP | sort -u | tr -d '\n'
}

ok 'the peer and its servers are there' peer_up http echo
ok 'the tools of the attacks are there' attack_tools
ok 'the daemon protects' daemon_protects
ok 'curl may go out' sallyport rules add 'allow out program /usr/bin/curl'

# --- netlink ------------------------------------------------------------------------

COMMANDS='HELLO CONFIG VERDICT_DELETE VERDICT_DUMP EPOCH PENDING
  FLOW_DUMP FLOW_END IMAGE_GET STATS NETNS NETNS_SOCKET CGROUP_GET PROCESS_GET PROCESS_OPEN'
CHANGES='HELLO CONFIG VERDICT_DELETE EPOCH FLOW_END NETNS NETNS_SOCKET'

attack_run alice "$ATTACK/genl" id
id=$(sed -n 's/^id //p' "$ATTACK/output")
cmp_ok 'anybody may know the number of the family' "${id:-0}" -gt 0
attack 'multicast groups of the family' 'none' \
  "$(grep -q 'multicast' "$ATTACK/output" && echo some || echo none)"

# $COMMANDS are words. Well-formed ones that lack a header's length fail earlier.
attack_run alice "$ATTACK/genl" attack "$id" 1 50
# shellcheck disable=SC2086
attack 'every command, well-formed and not, as uid 1000' 'EINVAL:EPERM:' "$(errors_of $COMMANDS)"
diag "$(cat "$ATTACK/output")"
fails 'no command was carried out' grep -q DONE: "$ATTACK/output"
attack_run alice unshare -r "$ATTACK/genl" attack "$id" 2 50
# shellcheck disable=SC2086
attack 'as root of a user namespace' 'EINVAL:EPERM:' "$(errors_of $COMMANDS)"
fails 'no command was carried out' grep -q DONE: "$ATTACK/output"
attack_run alice unshare -rn "$ATTACK/genl" id
attack 'looking for it in a network namespace of his own' 'id none (ENOENT)' "$(<"$ATTACK/output")"
attack_run alice unshare -rn "$ATTACK/genl" attack "$id" 3 50
attack 'every command there' 'ENOENT:' "$(errors)"

# A descriptor that somebody else opened, written to by root.
attack_run setpriv --reuid alice --regid alice --clear-groups "$ATTACK/genl" open \
  "$ATTACK/genl" send 3 "$id"
attack 'by a socket that alice opened' EPERM "$(<"$ATTACK/output")"
attack_run "$ATTACK/genl" open setpriv --reuid alice --regid alice --clear-groups \
  "$ATTACK/genl" send 3 "$id"
attack 'by a socket that root opened, written to by alice' EPERM "$(<"$ATTACK/output")"

# The daemon's two sockets, as the kernel lists them: their ports are not to be had.
mapfile -t ports < <(awk -v pid="$(daemon_pid)" '$2 == 16 && $3 != 0 { print $3 }' /proc/net/netlink)
for port in "${ports[@]}"; do
  alice "$ATTACK/genl" claim "$port"
done >"$ATTACK/output" 2>&1
attack "binding and closing the daemon's netlink ports" EADDRINUSE "$(sort -u "$ATTACK/output")"
ok 'the daemon still protects' daemon_protects

attack_run "$ATTACK/genl" attack "$id" 4 50
fails 'root who is not the daemon changes nothing' grep -E "^($(tr -s ' \n' '|' <<<"$CHANGES")) .*DONE:" \
  "$ATTACK/output"
like 'a second hello is refused' "$(grep '^HELLO do' "$ATTACK/output")" EBUSY
attack 'hello of a second root process' 'refused' \
  "$(grep -q '^HELLO.*DONE:' "$ATTACK/output" && echo accepted || echo refused)"
ok 'the daemon still protects' daemon_protects
ok 'and curl still may' alice curl -sS -m 90 -o /dev/null http://192.0.2.2/
stays_inside 'and others may not' alice "$ATTACK/reach" 192.0.2.2 80

# --- the daemon's file ------------------------------------------------------------------

# What each gets who reads what waits, or answers: sizes that fit, and that do not.
try_file() {
  attack_run "$@" python3 -c '
import errno, os, random, sys
errors = set()
dice = random.Random(1)
def attempt(call):
    try:
        call()
        errors.add("DONE")
    except OSError as error:
        errors.add(errno.errorcode[error.errno])
files = [int(sys.argv[1])] if len(sys.argv) > 1 else []
for way in os.O_RDONLY, os.O_WRONLY, os.O_RDWR:
    attempt(lambda: files.append(os.open("/proc/sallyport", way)))
if files:
    errors.discard("DONE")
for file in files:
    for size in 0, 1, 111, 112, 113, 120, 4096, 65536, 1 << 20:
        attempt(lambda: os.write(file, dice.randbytes(size)))
        attempt(lambda: os.read(file, size))
print(*sorted(errors))' ${open+"$open"}
}

try_file alice
attack "the daemon's file, as uid 1000" EACCES "$(<"$ATTACK/output")"
try_file alice unshare -r
attack 'as root of a user namespace' EACCES "$(<"$ATTACK/output")"
try_file alice unshare -rmn sh -c 'mount -t proc proc /proc 2>/dev/null; exec "$@"' sh
attack 'with a procfs of his own' EACCES "$(<"$ATTACK/output")"
try_file
attack 'as another root process: it opens it, and that is all' 'EBADF EPERM' "$(<"$ATTACK/output")"
exec 7<>/proc/sallyport
open=7 try_file setpriv --reuid alice --regid alice --clear-groups
attack 'as alice, by a descriptor that root opened' 'EACCES EPERM' "$(<"$ATTACK/output")"
exec 7>&-
ok 'the daemon still protects' daemon_protects

# --- queues ---------------------------------------------------------------------------

# shellcheck disable=SC2086 # two numbers
{
  attack_run alice "$ATTACK/queue" $QUEUES "$ATTACK/reach" 192.0.2.2 80
  attack "binding the daemon's queues as uid 1000" 'bound 0 (EPERM), 0 packets' \
    "$(grep ^bound "$ATTACK/output")"
  stays_inside 'as root of a user namespace, reaching out meanwhile' \
    alice unshare -r "$ATTACK/queue" $QUEUES "$ATTACK/reach" 192.0.2.2 80
  attack 'how many he got' 'bound 0 (EPERM), 0 packets' "$(grep ^bound "$ATTACK/output")"
  attack_run alice unshare -rn "$ATTACK/queue" $QUEUES sh -c \
    "ip link set lo up; $ATTACK/reach -u 127.0.0.1 7; ip link add d type dummy; ip link set d up
     ip address add 198.51.100.1/24 dev d; $ATTACK/reach -u 198.51.100.2 7"
  attack 'in a network namespace of his own: they are his, and empty' \
    'bound 131 (no error), 0 packets' "$(grep ^bound "$ATTACK/output")"
  attack_run "$ATTACK/queue" 5200 5200 true
  attack 'a queue of the daemon, as another root process' 'bound 0 (EPERM), 0 packets' \
    "$(grep ^bound "$ATTACK/output")"
}

# --- odd sockets ------------------------------------------------------------------------

# odd WHAT KIND COUNT...: nothing of it arrives, by that count; what is not there
# is no test.
odd() {
  local what=$1 kind=$2
  shift 2
  ATTACK_COUNT="$*" sends_nothing "$what" alice "$ATTACK/sockets" "$kind" 192.0.2.2 80
  [ "$attack_status" != 77 ] || diag "$kind: $(<"$ATTACK/output")"
}

# A count that stays zero because a kind does not work would say nothing: with the
# module away each kind that is there does arrive (see the end of this file).
odd_sockets() {
  odd 'AF_SMC, a kernel socket in his name' smc peer_syn_count 80
  odd 'AF_RXRPC likewise' rxrpc peer_count udp 80
  odd 'SCTP' sctp peer_count sctp
  odd 'DCCP' dccp peer_count 33
  odd 'UDP-Lite' udplite peer_count 136
  odd 'MPTCP' mptcp peer_syn_count 80
  odd 'an echo request by a ping socket' echo peer_count icmp
  odd 'a raw socket' raw peer_count 253
  odd 'a packet socket' packet peer_count 253
  odd 'TCP fast open' fast-open peer_syn_count 80
  odd 'connecting again after a refusal' again peer_syn_count 80
  odd 'TCP, refused on loopback first' tcp-from-loopback peer_syn_count 80
  odd 'UDP, connected to loopback first' udp-from-loopback peer_count udp 80
  odd 'connected UDP' connected peer_count udp 80
  odd 'a datagram in fragments' large peer_count udp
  odd 'a corked datagram' corked peer_count udp 80
  odd 'an IPv4 address in an IPv6 socket' mapped peer_syn_count 80
  odd 'a socket bound to the device' bound-to-device peer_syn_count 80
  odd 'a source route' source-route peer_count udp
  odd 'broadcast' broadcast peer_count udp
  odd 'multicast' multicast peer_count udp
}

modprobe -a af_rxrpc smc sctp dccp_ipv4 2>/dev/null
ok 'alice may send pings by the kernel' sysctl -qw net.ipv4.ping_group_range='0 2147483647'
odd_sockets
for kind in raw packet; do
  attack_run alice unshare -r "$ATTACK/sockets" "$kind" 192.0.2.2 80
  attack "a $kind socket as root of a user namespace" 'no socket: EPERM' "$(<"$ATTACK/output")"
done
# shellcheck disable=SC2016 # for the inner shell
ATTACK_COUNT='peer_count 253' sends_nothing 'both in a network namespace of his own' \
  alice unshare -rn sh -c 'ip link add eth0 type dummy; ip link set eth0 up
    ip address add 192.0.2.9/24 dev eth0; for kind in raw packet; do
    '"$ATTACK"'/sockets $kind 192.0.2.2 80; done'

# --- a mad daemon -------------------------------------------------------------------------

ok 'the daemon ends' kill "$(daemon_pid)"
eventually 'it is gone' 30 "$ATTACK/genl" daemon "$id" 5 1
for seed in 6 7 8; do
  ok "it says anything, seed $seed" "$ATTACK/genl" daemon "$id" "$seed" 4000
  diag "$(<"$ATTACK/output")$(tail -n 1 "$tap_output")"
done

# --- that the tools work ------------------------------------------------------------------------

ok 'the module is unloaded' rmmod sallyport
odd() { # WHAT KIND COUNT...
  local what=$1 kind=$2
  shift 2
  peer_count_reset
  attack_run alice "$ATTACK/sockets" "$kind" 192.0.2.2 80
  case $(<"$ATTACK/output") in
    *EPERM) pass "not for users in any case: $what" ;;
    'no '*) skip "without the module: $what" "$(<"$ATTACK/output")" ;;
    *) cmp_ok "without the module it arrives: $what" "$("$@")" -ge 1 ;;
  esac
}
odd_sockets

attack_table
tap_done
