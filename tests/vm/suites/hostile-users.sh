#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vm: --smp 1 --systemd --seat --timeout 900
#
# alice, who sits at the machine, and bob against the daemon as it is installed: its
# files, its process, its bus name, each other's questions.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=tests/lib/tap.sh
. "$here/../../lib/tap.sh"
# shellcheck source=tests/vm/lib/peer.sh
. "$here/../lib/peer.sh"
# shellcheck source=tests/vm/lib/asking.sh
. "$here/../lib/asking.sh"
# shellcheck source=tests/vm/lib/attack.sh
. "$here/../lib/attack.sh"

PATIENCE=60
PASSWORD=InteractiveAuthorizationRequired
bus=$ATTACK/attack.py

as_bob() { vm-as bob "$@"; }

rules_in_all() { sallyport rules list --all --json | grep -c '"id"'; }

no_agents() { sallyport status --json | grep -q '"agents": *0[,}]'; }

# may_not WHAT COMMAND...: as alice, it fails for want of permission.
may_not() {
  local what=$1 seen
  shift
  attack_run as_alice "$@"
  seen=$(grep -oiE 'permission denied|not permitted|access denied|interactive auth[a-z]* required' \
    "$ATTACK/output" | head -n 1)
  [ "$attack_status" != 0 ] || seen="it worked"
  attack "$what" refused "$([ "$attack_status" != 0 ] && [ -n "$seen" ] && echo refused ||
    echo "status $attack_status: $(tail -c 100 "$ATTACK/output")")"
}

ok 'alice sits at the machine' seat_ready
ok 'the peer and its servers are there' peer_up http
ok 'the tools of the attacks are there' attack_tools
cp "$VM_TOP/tests/bus/attack.py" "$bus" && chmod 755 "$bus"
printf '[questions]\ndeadline-seconds=55\n' >/etc/sallyport/sallyport.conf
ok 'the daemon is told to wait for answers' systemctl restart sallyportd
eventually 'the daemon protects' "$PATIENCE" daemon_ready
rule=$(sallyport rules add 'allow out program /usr/bin/curl to 192.0.2.3' | grep -oE '[0-9]+' | head -n 1)
daemon=$(systemctl show -P MainPID sallyportd)
rules_before=$(rules_in_all)

# --- files --------------------------------------------------------------------------

for file in /var/lib/sallyport /var/lib/sallyport/policy.db /var/lib/sallyport/policy.db-wal; do
  may_not "reading $file" sh -c "ls $file/ 2>&1 || cat $file"
done
may_not 'writing into the store' touch /var/lib/sallyport/policy.db
may_not 'its configuration' sh -c 'echo "[policy]" >>/etc/sallyport/sallyport.conf'
may_not 'its unit' sh -c 'echo >>/lib/systemd/system/sallyportd.service'
may_not 'its program' sh -c 'echo >>/usr/sbin/sallyportd'
may_not "polkit's actions" touch /usr/share/polkit-1/actions/org.sallyport.firewall1.policy

# --- its process ------------------------------------------------------------------------

for file in environ maps mem fd/ cwd/ root/ stack syscall; do
  may_not "reading /proc/PID/$file" sh -c "ls /proc/$daemon/$file >/dev/null && cat /proc/$daemon/$file"
done
for signal in TERM KILL STOP HUP; do
  may_not "signal $signal" kill "-$signal" "$daemon"
done
may_not 'tracing it' python3 -c "
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
if libc.ptrace(16, $daemon, 0, 0):
    sys.exit(os.strerror(ctypes.get_errno()))"
may_not 'its priority' renice -n 19 -p "$daemon"
may_not 'its out-of-memory score' sh -c "echo 1000 >/proc/$daemon/oom_score_adj"
may_not 'its resource limits' prlimit --pid "$daemon" --nofile=3:3
may_not 'its control group' sh -c "echo 1 >/sys/fs/cgroup/system.slice/sallyportd.service/cgroup.freeze"
may_not 'stopping its unit' systemctl --no-ask-password stop sallyportd
may_not 'unloading the module' rmmod sallyport
may_not "the module's parameters" sh -c 'echo off >/sys/module/sallyport/parameters/mode'
is 'it is still the same process' "$(systemctl show -P MainPID sallyportd)" "$daemon"
ok 'it protects' daemon_ready

# To tell systemd lies in its name, one must be it.
attack_run as_alice env NOTIFY_SOCKET=/run/systemd/notify systemd-notify --stopping
is 'nobody believes what alice says in its name' "$(systemctl is-active sallyportd)" active

# --- the bus, as it is here ----------------------------------------------------------------

attack_run as_alice "$bus" attempts 1001 "$rule"
for what in 'Rules.Add, allow' 'Rules.Add, for another user' 'Rules.Add, for the system' \
  'Rules.Remove, one of the system' "Rules.List, everybody's" "History.Watch, everybody's"; do
  attack "alice at the machine: $what" "$PASSWORD" "$(sed -n "s/^$what | //p" "$ATTACK/output")"
done
attack_run as_bob "$bus" attempts 1000 "$rule"
for what in Rules.List History.Recent Questions.RegisterAgent Questions.Answer 'Rules.Add, allow'; do
  attack "bob from elsewhere: $what" "$PASSWORD" "$(sed -n "s/^$what | //p" "$ATTACK/output")"
done
attack 'bob takes its name' AccessDenied "$(sed -n 's/^taking the name | //p' "$ATTACK/output")"

# --- alice's question ------------------------------------------------------------------------

attack_run as_alice "$bus" agent </dev/null
attack 'an agent of her own making' "$PASSWORD" "$(sed -n 's/^registered //p' "$ATTACK/output")"

# A terminal is easily made, and typed into: what is typed need not come from her.
agent_start_with guess
for _ in 1 2 3 4; do agent_says 'allow always'; done
agent_stop
attack 'typing into "sallyport answer"' 'not authorised' \
  "$(grep -o 'not authorised' "$AGENT_DIR/out" || tail -c 100 "$AGENT_DIR/out")"
ok 'it is nobody to ask' no_agents
as_alice "$ATTACK/reach" -p 5 192.0.2.2 80 >"$ATTACK/program" 2>&1
is 'what it wanted is refused' $? 7

# For what follows she may: whoever is an agent, nobody else answers its questions.
ok 'the administrator lets her have one' agent_is_let_in
mkfifo "$ATTACK/agent.in"
as_alice "$bus" agent <"$ATTACK/agent.in" >"$ATTACK/agent.out" 2>&1 9>&- &
agent=$!
exec 9>"$ATTACK/agent.in"
agent_printed() { grep -q "^$1" "$ATTACK/agent.out"; }
eventually 'an agent of hers is there' "$PATIENCE" agent_printed 'registered ok'
peer_count_reset

# A question is open for a minute at most, which is not long for a machine that is busy.
questions() { grep -c ^question "$ATTACK/agent.out"; }
is_asked_more() { [ "$(questions)" -gt "$questions" ]; }
is_asked() { # WHAT
  questions=$(questions)
  as_alice "$ATTACK/reach" -p 55 192.0.2.2 80 >"$ATTACK/program" 2>&1 9>&- &
  program=$!
  eventually "$1" "$PATIENCE" is_asked_more
  read -r _ number token <<<"$(grep ^question "$ATTACK/agent.out" | tail -n 1)"
}

is_asked 'she is asked'
words=("$number" "$token" allow anything always)

attack_run as_bob "$bus" answer "${words[@]}"
attack 'bob answers, with the right token' "$PASSWORD" "$(<"$ATTACK/output")"
attack_run as_alice "$bus" answer "${words[@]}"
attack "another program of alice's, with the right token" NoSuchQuestion "$(<"$ATTACK/output")"
attack_run as_alice "$bus" guess "$number" 100
attack 'guessing the token' NoSuchQuestion:100 "$(<"$ATTACK/output")"
kill "$program" 2>/dev/null # it may have been refused by now
wait "$program" 2>/dev/null
eventually 'her question is over' "$PATIENCE" agent_printed "cancelled $number"
is 'nothing has arrived' "$(peer_syn_count 80)" 0

is_asked 'she is asked by the next'
say() { # WORDS EXPECTED WHAT
  local before
  before=$(grep -c ^answered "$ATTACK/agent.out")
  echo "answer $1" >&9
  answered_more() { [ "$(grep -c ^answered "$ATTACK/agent.out")" -gt "$before" ]; }
  eventually "$3: told" "$PATIENCE" answered_more
  attack "$3" "$2" "$(grep ^answered "$ATTACK/agent.out" | tail -n 1 | cut -d' ' -f2)"
}
say "$number wrong allow this-host once" NotAuthorized 'the agent, with another token'
say "$number $token allow everything always" NotOffered 'an answer that was not offered'
say "$number $token permit this-host once" NotOffered 'an action that there is not'
is 'still nothing has arrived' "$(peer_syn_count 80)" 0
say "$number $token deny this-host once" ok 'the agent denies'
say "$number $token allow this-host once" NoSuchQuestion 'the same token once more'
wait "$program"
is 'the program is refused' $? 7
is 'and nothing has arrived' "$(peer_syn_count 80)" 0
is 'there is the one rule more' "$(rules_in_all)" $((rules_before + 1))
exec 9>&-
wait "$agent"

attack_table
tap_done
