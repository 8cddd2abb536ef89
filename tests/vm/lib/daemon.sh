# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# For suites that start and end the daemon themselves, in a machine without it
# and without systemd (vm/run --no-daemon). Source it after tap.sh.
#
#   bus_up                       the system bus
#   daemon_configure             /etc/sallyport/sallyport.conf from standard input
#   daemon_start [ORDER POINT [N]]  returns when it protects and is on the bus; with
#                                an order ("kill", "stop") for a point of its way
#                                (tests/vm/points) it is the daemon that obeys it
#   daemon_launch [...]          the same without waiting
#   daemon_protects              it does
#   daemon_is_dead, daemon_is_halted   for "eventually"
#   daemon_kill                  SIGKILL, and its end
#   daemon_reap                  takes the status of one that is dead
#   agent_up                     "sallyport answer" as root, who may answer everybody's
#                                questions, without a terminal; once it is known to
#                                a daemon it waits for the next
#   agent_down                   it goes
#   agent_has REGEX, agent_says WORDS, questions_shown, question_shown N
#   questions_open N, agents_registered N   so many, says the daemon
#   counter NAME                 one of the counters of "sallyport status"
#   fill TABLE                   entries in one of its tables
#   rule_number N FILE           the N-th of the numbers that "rules add" printed
#   programs NAME...             Python in $BIN under these names: what may and what may
#                                not are two programs with the same code

DAEMON_DIR=/run/sallyport-suite
mkdir -p "$DAEMON_DIR"

bus_up() {
  mkdir -p /run/dbus
  dbus-daemon --system --fork --nopidfile --nosyslog
}

daemon_configure() {
  mkdir -p /etc/sallyport
  cat >/etc/sallyport/sallyport.conf
}

daemon_launch() {
  local program=$VM_BUILD/daemon/sallyportd
  [ $# = 0 ] || program=$VM_BUILD/tests/vm/points/sallyportd-points
  SALLYPORT_POINT="$*" "$program" >>"$VM_RESULTS/daemon.log" 2>&1 </dev/null 9>&- &
  daemon=$!
}

daemon_start() {
  daemon_launch "$@"
  local end=$((SECONDS + 60 * VM_PACE))
  until daemon_protects; do
    [ "$SECONDS" -lt "$end" ] && ! daemon_is_dead || return 1
    tap_pause
  done
}

daemon_protects() { sallyport status --json 2>/dev/null | grep -q '"state": *"protecting"'; }

# Its state, a letter; nothing when it is gone. A name may have spaces and brackets.
daemon_state() {
  local line
  read -r line <"/proc/$daemon/stat" 2>/dev/null || return 0
  line=${line##*) }
  printf '%s\n' "${line%% *}"
} 2>/dev/null

daemon_is_dead() { [[ $(daemon_state) == @(Z|) ]]; }

daemon_is_halted() { [ "$(daemon_state)" = T ]; }

daemon_reap() { wait "$daemon"; }

daemon_kill() {
  kill -KILL "$daemon"
  daemon_reap
  [ $? = 137 ]
}

agent_up() {
  rm -f "$DAEMON_DIR/answers"
  mkfifo "$DAEMON_DIR/answers"
  exec 9<>"$DAEMON_DIR/answers"
  sallyport answer <"$DAEMON_DIR/answers" >"$DAEMON_DIR/questions" 2>&1 9>&- &
  agent=$!
}

agent_down() {
  kill "$agent"
  wait "$agent"
  exec 9>&-
}

agent_has() { grep -qE -- "$1" "$DAEMON_DIR/questions"; }

agent_says() { echo "$*" >&9; }

questions_shown() { grep -c 'wants to connect to' "$DAEMON_DIR/questions"; }

question_shown() { [ "$(questions_shown)" -ge "$1" ]; }

agents_registered() { sallyport status --json | grep -q "\"agents\": *$1[,}]"; }

questions_open() { sallyport status --json | grep -q "\"questions\": *$1[,}]"; }

counter() {
  sallyport status --json | grep -oE "\"$1\": *[0-9]+" | grep -oE '[0-9]+$' || echo 0
}

fill() {
  sallyport status --json | grep -oE "\"$1\": *\[[0-9]+" | grep -oE '[0-9]+$' || echo 0
}

programs() {
  local name
  mkdir -p "$BIN"
  for name; do
    cp "$(readlink -f /usr/bin/python3)" "$BIN/$name" || return 1
  done
}

rule_number() { sed -n "$1p" "$2"; }
