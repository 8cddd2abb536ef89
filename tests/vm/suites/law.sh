#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vm: --timeout 600
#
# The law from end to end: thousands of short flows of several programs, over TCP
# and UDP, IPv4 and IPv6, while rules are added and removed. From the moment a change
# is acknowledged nothing that must be blocked arrives at the peer, and nothing that
# must pass is lost: of each flow on its own, by the program's own word and by what
# the peer's kernel saw. tests/vm/law has the load and the judge.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=tests/lib/tap.sh
. "$here/../../lib/tap.sh"
# shellcheck source=tests/vm/lib/peer.sh
. "$here/../lib/peer.sh"
# shellcheck source=tests/vm/lib/pace.sh
. "$here/../lib/pace.sh"

LAW=/run/law
PHASES=12 FLOWS=$(fewer 300) # in each

law() { python3 "$VM_TOP/tests/vm/law/law.py" "$@"; }

# Each program is a file of its own and has source addresses of its own.
programs() {
  local i
  mkdir -p "$LAW"
  for i in {0..5}; do
    cp "$VM_BUILD/tests/vm/law/load" "$LAW/p$i" || return 1
    ip address add "192.0.2.1$i/24" dev eth0
    ip address add "2001:db8::1$i/64" dev eth0 nodad
    : >"$LAW/p$i.log"
  done
}

# Whatever arrives for these ports, by who sent it.
referee() {
  peer_run nft -f - <<'END'
table inet law {
  set came4 { type ipv4_addr . inet_proto . inet_service . inet_service; flags dynamic,timeout; gc-interval 1h; size 65535; }
  set came6 { type ipv6_addr . inet_proto . inet_service . inet_service; flags dynamic,timeout; gc-interval 1h; size 65535; }
  chain arrived {
    type filter hook prerouting priority -490; policy accept;
    ip protocol { tcp, udp } th dport 7001-7004 add @came4 { ip saddr . meta l4proto . th sport . th dport }
    ip6 nexthdr { tcp, udp } th dport 7001-7004 add @came6 { ip6 saddr . meta l4proto . th sport . th dport }
  }
}
END
}

arrived() {
  peer_run nft --numeric list table inet law |
    grep -oE '[0-9a-f.:]+ \. (6|17) \. [0-9]+ \. [0-9]+' |
    sed 's/ \. / /g; s/ 6 / tcp /; s/ 17 / udp /'
}

# With what time the machine has left, or a change would take long. Two at a time of
# each program; the first two live longer, the others make a few flows and end.
drive() {
  local i length
  for i in {0..5}; do
    length=4
    [ "$i" -ge 2 ] || length=100
    for first in 20000 40000; do
      nice -n 19 "$LAW/p$i" drive "$LAW/p$i" "192.0.2.1$i" "2001:db8::1$i" 192.0.2.2 2001:db8::2 \
        "$first" $((first + 19999)) "$length" "$LAW/p$i.log" </dev/null >>"$LAW/output" 2>&1 &
      drivers+=($!)
    done
  done
}

# Those under way end with what they began.
halt() {
  local status=0
  kill "${drivers[@]}" && for driver in "${drivers[@]}"; do
    wait "$driver" || status=1
  done
  return "$status"
}

ok 'the peer is there' peer_up http
ok 'the programs' programs
ok 'a server for them, in the peer' \
  peer_serve law "$VM_BUILD/tests/vm/law/load" serve 192.0.2.2 2001:db8::2
ok 'which listens' peer_wait_listens tcp 7004
ok 'the referee' referee
drivers=()
drive
ok 'rules change while they make flows' law run "$LAW" "$PHASES" "$FLOWS"
ok 'each program ends in order' halt
arrived >"$LAW/arrived"
cp "$LAW"/p*.log "$LAW/phases" "$LAW/arrived" "$VM_RESULTS/"
ok 'nothing that must be blocked arrived, nothing that must pass was lost' \
  law check "$LAW" "$LAW/arrived"
diag "$(law check "$LAW" "$LAW/arrived" | head -n 1)"
diag "$(sallyport status | grep -E 'upcall|stale|unsettled|unanswered|limit|soon|enough' || true)"

tap_done
