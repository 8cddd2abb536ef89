#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vm: --desktop --timeout 1200
# part: long
#
# Two people at one machine, one in front: a question follows its person. Each has a
# session of logind's on seat0 with a compositor on a terminal of its own. Believed are
# what is on the screen, curl's exit status and what arrives at the peer.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=tests/lib/tap.sh
. "$here/../../lib/tap.sh"
# shellcheck source=tests/vm/lib/peer.sh
. "$here/../lib/peer.sh"
# shellcheck source=tests/vm/lib/asking.sh
. "$here/../lib/asking.sh"
# shellcheck source=tests/vm/lib/screen.sh
. "$here/../lib/screen.sh"

PATIENCE=240 # for what waits for an event; nothing is judged by it
# Of a question that somebody could see; s. Long enough for a window to come under
# emulation, and to be clicked; each question waits longer than that for its person.
DEADLINE=40

session_of() {
  local session
  for session in $(loginctl show-seat seat0 -P Sessions); do
    [ "$(loginctl show-session "$session" -P Name)" != "$1" ] || echo "$session"
  done
}

has_session() { [ -n "$(session_of "$1")" ]; }

is_in_front() { [ "$(loginctl show-session "$(session_of "$1")" -P Active)" = yes ]; }

goes_to_front() { loginctl activate "$(session_of "$1")" && wait_for 60 is_in_front "$1"; }

# bob at the second terminal.
bob_logs_in() {
  mkdir -p /run/systemd/system/getty@tty2.service.d
  cat >/run/systemd/system/getty@tty2.service.d/seat.conf <<'END'
[Service]
Type=simple
ExecStart=
ExecStart=-/sbin/agetty --autologin bob --noclear --nohostname tty2 linux
END
  systemctl daemon-reload && systemctl start getty@tty2.service && wait_for 60 has_session bob
}

questions_have_a_deadline() {
  printf '[questions]\ndeadline-seconds=%s\n' "$DEADLINE" >/etc/sallyport/sallyport.conf
  systemctl restart sallyportd.service
}

# A connection is tried for two minutes by default, which a slow machine needs to change
# sessions twice. What is tried when the packet was held its minute is held anew.
connections_are_patient() { sysctl -q net.ipv4.tcp_syn_retries=10; }

# begin_curl USER HOST
begin_curl() {
  vm-as --seat "$1" curl --silent --show-error --max-time 900 "http://$2/" \
    >/tmp/program 2>&1 </dev/null 7>&- &
  program=$!
}

ends_with() {
  wait "$program"
  is "$1" $? "$2"
}

curl_has_ended() { ! kill -0 "$program" 2>/dev/null; }

clicked_until_it_ends() {
  curl_has_ended && return
  prompt_click "$1"
  sleep 1
  curl_has_ended
}

prompt_of() { pgrep -u "$1" -x sallyport-promp >/dev/null; }

# Who sits behind another's session would be asked for a password: root looks.
rule_of() { sallyport rules list --all --json | grep -qE -- "$2 owner ($1|$(id -u "$1")) "; }

# The time that the question would have had in front of its person, and more.
deadline_passes() {
  local end=$((SECONDS + DEADLINE + 10))
  while [ "$SECONDS" -lt "$end" ]; do
    questions_open 1 || return 1
    sleep 1
  done
}

# --- two desktops ------------------------------------------------------------------------

ok 'alice sits at the machine' seat_ready
ok 'the peer and its servers are there' peer_up
ok 'how long a question waits is set' questions_have_a_deadline
ok 'programs have patience' connections_are_patient
eventually 'the daemon protects' "$PATIENCE" daemon_ready
ok 'her desktop is on the screen' desktop_up alice || diag "$(tail -n 30 "$VM_RESULTS/weston-alice.log")"
ok 'her session starts the agent' desktop_agent_up alice
ok 'bob logs in beside her' bob_logs_in
ok 'the screen is his' goes_to_front bob
ok 'his desktop is on it' desktop_up bob || diag "$(tail -n 30 "$VM_RESULTS/weston-bob.log")"
ok 'his session starts the agent' desktop_agent_up bob
eventually 'both agents are known to the daemon' "$PATIENCE" agents_are 2
peer_count_reset

# --- alice's program, while bob is in front ---------------------------------------------------

begin_curl alice 192.0.2.2
eventually 'behind bob'"'"'s session a program of alice'"'"'s goes out' "$PATIENCE" questions_open 1
eventually 'her desktop has the window' "$PATIENCE" prompt_of alice
ok 'longer than a question has: it waits for her' deadline_passes
hand picture seats-bob-in-front >/dev/null
ok 'no window is on bob'"'"'s screen' no_prompt_is_there
fails 'nor has he one' prompt_of bob
is 'nothing has arrived' "$(peer_syn_count 80)" 0
ok 'alice is back' goes_to_front alice
eventually 'her question is on the screen' "$PATIENCE" prompt_is_there
hand picture seats-alice-is-back >/dev/null
eventually 'a click on Allow lets it go on' "$PATIENCE" clicked_until_it_ends allow
ends_with 'curl ends well' 0
ok 'the rule is alice'"'"'s' rule_of alice 'allow out program /usr/bin/curl'
fails 'and not bob'"'"'s' rule_of bob 'allow out program /usr/bin/curl'
eventually 'the window goes' "$PATIENCE" no_prompt_is_there

# --- and the other way -----------------------------------------------------------------------

peer_count_reset
begin_curl bob 192.0.2.2
eventually 'behind alice'"'"'s session a program of bob'"'"'s goes out' "$PATIENCE" questions_open 1
eventually 'his desktop has the window' "$PATIENCE" prompt_of bob
ok 'longer than a question has: it waits for him' deadline_passes
hand picture seats-alice-in-front >/dev/null
ok 'no window is on alice'"'"'s screen' no_prompt_is_there
fails 'nor has she one' prompt_of alice
is 'nothing has arrived' "$(peer_syn_count 80)" 0
ok 'bob is back' goes_to_front bob
eventually 'his question is on the screen' "$PATIENCE" prompt_is_there
hand picture seats-bob-is-back >/dev/null
eventually 'a click on Deny ends it' "$PATIENCE" clicked_until_it_ends deny
ends_with 'curl is refused' 7
is 'nothing has arrived' "$(peer_syn_count 80)" 0
ok 'the rule is bob'"'"'s' rule_of bob 'deny out program /usr/bin/curl'

tap_done
