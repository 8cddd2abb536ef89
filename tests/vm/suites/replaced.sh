#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# part: long
# vm: --smp 1 --installed --seat --timeout 900
#
# A newer module takes the loaded one's place, as sallyport does it when DKMS has built
# one and it is upgraded, with a connection and a question open, while somebody who may not tries all the
# time. Nothing gets through in between, nothing that is open ends. The referee is the peer.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=tests/lib/tap.sh
. "$here/../../lib/tap.sh"
# shellcheck source=tests/vm/lib/peer.sh
. "$here/../lib/peer.sh"
# shellcheck source=tests/vm/lib/asking.sh
. "$here/../lib/asking.sh"

PATIENCE=300 # for what waits for an event; nothing is judged by it
POSTINST=$here/../../../debian/sallyport.postinst
WORK=/run/replaced

# What DKMS built says that it is newer.
say_newer() {
  mkdir -p "$WORK/bin" && mkfifo "$WORK/pause" || return 1
  printf '#!/bin/sh\necho 99\n' >"$WORK/bin/modinfo" && chmod 755 "$WORK/bin/modinfo"
}
replace() { PATH=$WORK/bin:$PATH sh "$POSTINST" configure 0; }
instance() { stat -c %i /sys/module/sallyport; }

connection_lives() {
  local word
  echo "$1" >&7 && read -r -t 60 word <&7 && [ "$word" = "$1" ]
}

begin_trying() {
  local pause
  exec {pause}<>"$WORK/pause"
  while :; do
    read -r -t 0.1 -u "$pause"
    (exec 3<>/dev/tcp/192.0.2.3/80) 2>/dev/null
    echo hello >/dev/udp/192.0.2.3/9
    echo >>"$WORK/tries"
  done 2>/dev/null 7>&- 9>&- &
  trying=$!
}
tries() { wc -l <"$WORK/tries"; }
tries_more() { [ "$(tries)" -gt "$1" ]; }

ok 'alice is at the machine' seat_ready
eventually 'the firewall is there' "$PATIENCE" daemon_ready
ok 'the peer and its servers are there' peer_up http echo
ok 'a newer module is' say_newer
ok 'somebody may not' sallyport rules add 'deny out program /usr/bin/bash to 192.0.2.3'
ok 'and may elsewhere' sallyport rules add 'allow out program /usr/bin/bash to 192.0.2.2 port 7'
ok 'a connection is opened' eval 'exec 7<>/dev/tcp/192.0.2.2/7'
ok 'and answers' connection_lives one
ok 'alice can be asked' agent_start
peer_count_reset
begin_trying
eventually 'somebody tries' "$PATIENCE" tries_more 10

# Sent again for long, and only by the kernel: where it is refused wget ends.
sysctl -qw net.ipv4.tcp_syn_retries=10
as_alice wget -q -t 1 -T 600 -O /dev/null http://192.0.2.2:8080/ 7>&- 9>&- &
waiting=$!
eventually 'she is asked' "$PATIENCE" question_shown 1
before=$(instance) tried=$(tries)
ok 'the modules change places' replace
isnt 'it is another' "$(instance)" "$before"
fails 'nothing is left of what closed the gap' nft list table inet sallyport_swap
eventually 'the firewall protects' "$PATIENCE" daemon_ready
eventually 'somebody has tried all the while' "$PATIENCE" tries_more "$((tried + 10))"
ok 'the open connection goes on' connection_lives two
eventually 'she is asked again' "$PATIENCE" question_shown 2
is 'nothing of it has arrived' "$(peer_syn_count 8080)" 0
agent_says 'allow once'
ok 'her answer is obeyed' wait "$waiting"
cmp_ok 'it arrives' "$(peer_syn_count 8080)" -ge 1
kill "$trying"
is 'what may not never got through: not a connection' "$(peer_syn_count 80 192.0.2.3)" 0
is 'nor a datagram' "$(peer_count udp 9)" 0

tap_done
