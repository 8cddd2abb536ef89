#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vm: --no-daemon --timeout 600
#
# The module loaded and unloaded again and again, under traffic, with and without a
# daemon, with many network namespaces there, coming and going: open connections go
# on, new ones are let through, refused, or wait, as it must be at that moment; in
# the end nothing is held any more. The kernel's log is read by tests/vm/run.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=tests/lib/tap.sh
. "$here/../../lib/tap.sh"
# shellcheck source=tests/vm/lib/peer.sh
. "$here/../lib/peer.sh"
# shellcheck source=tests/vm/lib/pace.sh
. "$here/../lib/pace.sh"
# shellcheck source=tests/vm/lib/namespaces.sh
. "$here/../lib/namespaces.sh"

ROUNDS=6
NAMESPACES=$(fewer 50)
WORK=/run/reload
mkdir "$WORK"

# Modules that ours needs, and how often they are held.
references() {
  awk '$1 ~ /^(nfnetlink_queue|nf_defrag_|nf_socket_|nf_reject_)/ { print $1, $3 }' \
    /proc/modules | sort
}

# The verdict thread alone; everything is allowed.
serve_start() {
  coproc serve { exec "$VM_BUILD/tests/bench/serve_policy" allow 2>&1; }
  # shellcheck disable=SC2154 # made by coproc
  daemon=$serve_PID
  read -r -t 120 word <&"${serve[0]}" && [ "$word" = ready ]
}

serve_stop() {
  kill -KILL "$daemon" 2>/dev/null
  wait "$daemon"
  return 0
}

# --- a connection that stays open ------------------------------------------------------

# Numbers without end, until $WORK/on goes; then a last word.
start_numbers() {
  cat >"$WORK/numbers" <<'END_OF_SCRIPT'
#!/bin/bash
for ((n = 1; ; n++)); do
  [ -e /run/reload/on ] || { echo end && exit; }
  echo "$n"
  read -r -t 0.05 <>/run/reload/never
done
END_OF_SCRIPT
  chmod 755 "$WORK/numbers"
  mkfifo "$WORK/never"
  peer_serve numbers socat TCP6-LISTEN:9000,ipv6only=0,reuseaddr "EXEC:$WORK/numbers,nofork"
  peer_wait_listens tcp 9000 || return 1
  nc -d 192.0.2.2 9000 >"$WORK/received" 2>&1 &
  download=$!
}

downloads() { [ -s "$WORK/received" ]; }

# All of them, in order, and the last word.
is_whole() {
  awk '$0 == "end" { ended = 1; next } ended || $0 != NR { exit bad = 1 }
    END { exit bad || !ended || NR < 2 }' "$WORK/received"
}

# --- connections that come and go --------------------------------------------------------

# traffic N ADDRESS: one after the other until $WORK/on goes; their statuses.
traffic() {
  while [ -e "$WORK/on" ]; do
    curl --silent --output /dev/null --max-time 120 "http://$2/"
    echo $?
  done >"$WORK/traffic.$1" 2>/dev/null
}

# Neither through nor refused at once: a hang (28), say.
strange() { cat "$WORK"/traffic.* | grep -v -x -E '0|7' | sort | uniq -c; }

went_through() { cat "$WORK"/traffic.* | grep -c -x 0; }

goes_through() { [ "$(went_through)" -gt "$1" ]; }

# --- namespaces ------------------------------------------------------------------------------

refused_in_all() {
  local n
  for ((n = 1; n <= NAMESPACES; n++)); do
    namespace_refused "n$n" || { echo "not in n$n" && return 1; }
  done
}

# More of them, coming and going until $WORK/on goes.
churn_namespaces() {
  while [ -e "$WORK/on" ]; do
    namespace_make churn
    namespace_run churn timeout 0.2 bash -c ': </dev/tcp/198.51.100.2/80'
    ip netns delete churn
  done >"$WORK/churn" 2>&1
}

# ---------------------------------------------------------------------------------------------

ok 'the peer and its servers are there' peer_up http
ok 'the module is unloaded' rmmod sallyport
held=$(references)
ok "$NAMESPACES namespaces are made" namespaces_make "$NAMESPACES"

touch "$WORK/on"
ok 'a connection begins while the module is not there' start_numbers
eventually 'and carries data' 120 downloads
traffic 1 192.0.2.2 &
traffic=$!
traffic 2 '[2001:db8::2]' &
traffic+=" $!"
churn_namespaces &
traffic+=" $!"

for ((round = 1; round <= ROUNDS; round++)); do
  ok "round $round: the module is loaded" insmod "$VM_MODULE"
  ok "round $round: a daemon comes" serve_start
  eventually "round $round: new connections go through" 120 goes_through "$(went_through)"
  [ $((round % 2)) = 0 ] || ok "round $round: the daemon is killed" serve_stop
  ok "round $round: the module is unloaded" rmmod sallyport
  serve_stop
  eventually "round $round: new connections go through without it" 120 goes_through "$(went_through)"
done

ok 'the module is loaded, and no daemon comes' insmod "$VM_MODULE"
ok 'what is unknown is refused in each namespace' refused_in_all
rm "$WORK/on"
wait "$download"
is 'the connection that was open all the time ends well' $? 0
ok 'all that was sent on it has arrived' is_whole
# shellcheck disable=SC2086 # a list of words
wait $traffic
is 'every other went through or was refused at once' "$(strange)" ''
ok 'namespaces go while the module is loaded' ip -all netns delete
ok 'the module is unloaded for good' rmmod sallyport
is 'nothing that it needed is held any more' "$(references)" "$held"

tap_done
