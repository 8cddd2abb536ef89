#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# part: long
# vm: --desktop --timeout 900
#
# The prompt on a real screen, answered with a mouse: alice sits at the machine, a
# program of hers goes out, the window comes, a click from outside the machine
# answers it. Believed are curl's exit status and what arrives at the peer.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=tests/lib/tap.sh
. "$here/../../lib/tap.sh"
# shellcheck source=tests/vm/lib/peer.sh
. "$here/../lib/peer.sh"
# shellcheck source=tests/vm/lib/asking.sh
. "$here/../lib/asking.sh"
# shellcheck source=tests/vm/lib/screen.sh
. "$here/../lib/screen.sh"

PATIENCE=90 # for what waits for an event; nothing is judged by it

begin_curl() {
  as_alice curl --silent --show-error --max-time 120 "http://$1/" >/tmp/program 2>&1 </dev/null 7>&- &
  program=$!
}

curl_has_ended() { ! kill -0 "$program" 2>/dev/null; }

# The buttons sleep for a moment when a window comes: a person clicks again.
clicked_until_it_ends() {
  curl_has_ended && return
  prompt_click "$1"
  sleep 1
  curl_has_ended
}

ends_with() {
  wait "$program"
  is "$1" $? "$2"
}

# As a program of hers could start it.
hide_agent() {
  as_alice dbus-run-session -- /usr/libexec/sallyport-agent >/dev/null 2>&1 </dev/null 7>&- &
}
refusals() { journalctl -o cat SALLYPORT_EVENT=refused SALLYPORT_METHOD=RegisterAgent | wc -l; }
refused_more_than() { [ "$(refusals)" -gt "$1" ]; }

ok 'alice sits at the machine' seat_ready
ok 'the peer and its servers are there' peer_up
eventually 'the daemon protects' "$PATIENCE" daemon_ready
ok 'her desktop is on the screen' desktop_up alice || diag "$(tail -n 30 "$VM_RESULTS/weston-alice.log")"
ok 'her session starts the agent' desktop_agent_up alice
eventually 'which is known to the daemon' "$PATIENCE" agents_are 1
hand picture desktop-empty >/dev/null
ok 'no window is there' no_prompt_is_there
peer_count_reset

# --- allowed by a click --------------------------------------------------------------

begin_curl 192.0.2.2
eventually 'curl goes out: a window comes' "$PATIENCE" prompt_is_there
hand picture desktop-prompt >/dev/null
is 'nothing has arrived' "$(peer_syn_count 80)" 0
eventually 'a click on Allow lets it go on' "$PATIENCE" clicked_until_it_ends allow
ends_with 'curl ends well' 0
cmp_ok 'it has arrived' "$(peer_syn_count 80)" -ge 1
ok 'the rule is alice'"'"'s' has_rule 'allow out program /usr/bin/curl'
eventually 'the window goes' "$PATIENCE" no_prompt_is_there

# --- denied by a click ----------------------------------------------------------------

peer_count_reset
begin_curl 192.0.2.3
eventually 'to another host: a window comes' "$PATIENCE" prompt_is_there
hand picture desktop-prompt-2 >/dev/null
eventually 'a click on Deny ends it' "$PATIENCE" clicked_until_it_ends deny
ends_with 'curl is refused' 7
is 'nothing has arrived' "$(peer_syn_count 80)" 0
ok 'the rule says deny' has_rule 'deny out program /usr/bin/curl'
eventually 'the window goes' "$PATIENCE" no_prompt_is_there

# --- one that nobody sees -----------------------------------------------------------------

hide_agent
eventually 'another agent, on a session bus of its own, is not taken' "$PATIENCE" refused_more_than 0
ok 'hers is the only one' agents_are 1
ok 'the agent stops when told' as_alice_unit stop sallyport-agent.service
eventually 'the hidden one takes its place' "$PATIENCE" agents_are 1
refused=$(refusals)
ok 'hers is started again' as_alice_unit start sallyport-agent.service
eventually 'and asks for a password, which she did not expect' "$PATIENCE" refused_more_than "$refused"

# --- the agents end -----------------------------------------------------------------------

ok 'hers stops' as_alice_unit stop sallyport-agent.service
pkill -u alice -x sallyport-agent
eventually 'the other one goes' "$PATIENCE" agents_are 0

tap_done
