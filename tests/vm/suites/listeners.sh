#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# part: long
# vm: --no-daemon --timeout 600
#
# Whom what comes in is judged for: of several that share an address, behind a port that
# is published (inbound destination NAT, as containers have it), of a service that is
# not root any more, of one that is started by its first connection; and over loopback,
# where that is judged. Believed is who has answered.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=tests/lib/tap.sh
. "$here/../../lib/tap.sh"
# shellcheck source=tests/vm/lib/peer.sh
. "$here/../lib/peer.sh"
# shellcheck source=tests/vm/lib/daemon.sh
. "$here/../lib/daemon.sh"

SCRIPT=$VM_TOP/tests/vm/programs/listeners.py
BIN=/run/listeners
OWN=192.0.2.1 OWN6=2001:db8::1 BOX=172.20.0.2
TRIES=40 # that a hash leaves one of two out so often is not to be seen
listeners=()

rule() { sallyport rules add "$1" >>"$DAEMON_DIR/rules"; }
forget() { sallyport rules remove "$(tail -n 1 "$DAEMON_DIR/rules")"; }

says_it_listens() { grep -q listens "$BIN/says"; }

# In the background until "end"; with IN it is executed by that.
begin() { # WHO ARGUMENT...
  : >"$BIN/says"
  # shellcheck disable=SC2086 # a command
  ${IN-} "$BIN/$1" "$SCRIPT" "${@:2}" </dev/null >"$BIN/says" 2>>"$BIN/errors" &
  listeners+=($!)
  eventually "$1 listens ($2)" 60 says_it_listens
}

end() {
  kill "${listeners[@]}"
  wait "${listeners[@]}" 2>/dev/null
  listeners=()
}

ask() { # KIND ADDRESS PORT [COUNT]
  peer_run timeout 300 python3 "$SCRIPT" ask "$1" "$2" "$3" "${4:-$TRIES}"
}

# Some by the one that may, some refused, none by the one that may not.
are_parted() { # NAME KIND ADDRESS PORT
  local answers
  answers=$(ask "${@:2}")
  like "$1: one has answered" "$answers" 'good [1-9]'
  like '  … in place of the other it is refused' "$answers" 'refused [1-9]'
  unlike '  … who may not has answered nobody' "$answers" 'bad|nobody'
}

ok 'the peer is there' peer_up echo
ok 'the programs are there' programs good bad client
ok 'refusals are not rationed' errors_unrationed
ok 'a bus' bus_up
ok 'the daemon protects' daemon_start
ok 'one may be connected to' rule "allow in program $BIN/good"
ok 'the other may not' rule "deny in program $BIN/bad"

# --- several that share an address ---------------------------------------------------------

begin good group 8010
begin bad group 8010
are_parted 'of a group, TCP' tcp "$OWN" 8010
are_parted 'over IPv6' tcp "$OWN6" 8010
are_parted 'of a group, UDP' udp "$OWN" 8010
are_parted 'over IPv6' udp "$OWN6" 8010
end
# Whom it picks now is another than who was looked up, every second time.
begin good group 8011
begin bad picked 8011
is 'where a BPF program picks it is nobody'"'"'s, UDP' "$(ask udp "$OWN" 8011)" "refused $TRIES"
is 'over IPv6' "$(ask udp "$OWN6" 8011)" "refused $TRIES"
is 'TCP' "$(ask tcp "$OWN" 8011)" "refused $TRIES"
end
begin good group 8012
begin good picked 8012
is 'unless all are one program'"'"'s, UDP' "$(ask udp "$OWN" 8012)" "good $TRIES"
is 'TCP' "$(ask tcp "$OWN" 8012)" "good $TRIES"
end

# --- services ------------------------------------------------------------------------------

for who in good bad; do
  begin "$who" dropped 8020 1000
  said="$who 3"
  [ "$who" = good ] || said='refused 3'
  is "a service that is not root any more: $said" "$(ask tcp "$OWN" 8020 3)" "$said"
  end
done
like 'it is named' "$(sallyport log --all --json -n 100 | grep '"local-port": *8020[,}]')" "$BIN/good"

ACTIVATE=/usr/bin/systemd-socket-activate
listens() { grep -q "$(printf ':%04X ' "$1")" /proc/net/tcp6; }
activated() { # WHO PORT: it listens for it
  "$ACTIVATE" -l "$2" "$BIN/$1" "$SCRIPT" activated </dev/null >>"$BIN/errors" 2>&1 &
  listeners+=($!)
  eventually "it listens for $1" 60 listens "$2"
}
activated good 8030
is 'who listens for another is asked for first' "$(ask tcp "$OWN" 8030 1)" 'refused 1'
ok 'it may' rule "allow in program $(readlink -f "$ACTIVATE")"
is 'so the other is started, and answers' "$(ask tcp "$OWN" 8030 1)" 'good 1'
ok 'it may not any more' forget
is 'which is nothing to the one that answers' "$(ask tcp "$OWN" 8030 3)" 'good 3'
end
activated bad 8031
ok 'who may not is started' rule "allow in program $(readlink -f "$ACTIVATE") port 8031"
is 'with a connection that was the other one'"'"'s' "$(ask tcp "$OWN" 8031 1)" 'bad 1'
is 'and gets no more' "$(ask tcp "$OWN" 8031 3)" 'refused 3'
end

# --- published ports -----------------------------------------------------------------------

box_up() {
  ip netns add box && ip link add box0 type veth peer name eth0 netns box &&
    ip address add 172.20.0.1/24 dev box0 && ip link set box0 up &&
    ip -n box address add "$BOX/24" dev eth0 && ip -n box link set eth0 up &&
    ip -n box link set lo up && ip -n box route add default via 172.20.0.1 &&
    sysctl -qw net.ipv4.ip_forward=1
}

# To the box; and to another port of the machine itself.
published() {
  nft -f - <<END
table ip published {
  chain in {
    type nat hook prerouting priority dstnat;
    ip daddr $OWN meta l4proto { tcp, udp } th dport 8080 dnat to $BOX:80
    ip daddr $OWN meta l4proto { tcp, udp } th dport 8081 redirect to :8001
  }
}
END
}

ok 'a box' box_up
ok 'its port is published, and another of the machine' published
IN='nsenter --net=/run/netns/box --' begin good plain 80
is 'behind it is who may, TCP' "$(ask tcp "$OWN" 8080 5)" 'good 5'
is 'UDP' "$(ask udp "$OWN" 8080 5)" 'good 5'
end
IN='nsenter --net=/run/netns/box --' begin bad plain 80
is 'behind it is who may not, TCP' "$(ask tcp "$OWN" 8080 5)" 'refused 5'
unlike 'UDP' "$(ask udp "$OWN" 8080 1)" 'bad'
end
begin good plain 8001
is 'on the machine who may, TCP' "$(ask tcp "$OWN" 8081 5)" 'good 5'
is 'UDP' "$(ask udp "$OWN" 8081 5)" 'good 5'
end
begin bad plain 8001
is 'on the machine who may not, TCP' "$(ask tcp "$OWN" 8081 5)" 'refused 5'
is 'UDP' "$(ask udp "$OWN" 8081 5)" 'refused 5'
ok 'he may be connected to at the port that is published' rule "allow in program $BIN/bad protocol tcp port 8081"
is 'that is not where he listens' "$(ask tcp "$OWN" 8081 3)" 'refused 3'
ok 'he may be where he listens' rule "allow in program $BIN/bad protocol tcp port 8001"
is 'it is' "$(ask tcp "$OWN" 8081 3)" 'bad 3'
ok 'he may not any more' forget
end
ok 'nothing is published' nft delete table ip published

# --- loopback --------------------------------------------------------------------------------

# How often something came over loopback to one of two ports.
loopback_counted() {
  nft -f - <<'END'
table inet loopback {
  chain in {
    type filter hook prerouting priority -500;
    iif lo meta l4proto { tcp, udp } th dport 8040 counter
    iif lo meta l4proto { tcp, udp } th dport 8041 counter
  }
}
END
}

came_by_loopback() { # PORT
  nft list table inet loopback | awk -v port="$1" '
    { for (i = 1; i < NF; i++) if ($i == "dport" && $(i + 1) == port) print $(i + 4) }'
}

here_ask() { timeout 120 "$BIN/$1" "$SCRIPT" ask "${@:2}"; }

begin good plain 8040
begin bad plain 8041
ok 'who comes over loopback is counted' loopback_counted
is 'as it is, all pass there' "$(here_ask client tcp 127.0.0.1 8041 1)" 'bad 1'
ok 'the daemon goes' daemon_kill
daemon_configure <<'END'
[kernel]
judge-loopback=true
END
ok 'and comes, to judge it' daemon_start
ok 'one program may go there' rule "allow out program $BIN/client to 127.0.0.0/8"
ok 'over IPv6' rule "allow out program $BIN/client to ::1"
for address in 127.0.0.1 ::1; do
  for kind in tcp udp; do
    is "who may reaches who may, $kind to $address" "$(here_ask client "$kind" "$address" 8040 5)" 'good 5'
    is '  … not who may not be connected to' "$(here_ask client "$kind" "$address" 8041 5)" 'refused 5'
  done
done
ok 'the other may go nowhere' rule "deny out program $BIN/bad"
before=$(came_by_loopback 8040)
for kind in tcp udp; do
  is "who may not go there does not, $kind" "$(here_ask bad "$kind" 127.0.0.1 8040 5)" 'refused 5'
done
is 'nothing of that gets there' "$(came_by_loopback 8040)" "$before"
cmp_ok 'though it did before' "$before" -ge 10
end

tap_done
