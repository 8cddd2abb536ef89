# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# For suites in which alice, at the machine (vm/run --seat), is asked. Source it
# after peer.sh.
#
#   seat_ready                   waits for her session
#   as_alice COMMAND...          in it
#   agent_start, agent_stop      "sallyport answer" in it, without a terminal; she may, by a
#                                rule of polkit's
#   agent_start_with PASSWORD    on a terminal, where this is typed
#   agent_has REGEX              what it printed so far
#   questions_shown              how many questions it has printed
#   question_shown N             the N-th is there: for "eventually"
#   agent_says WORDS             answers what it shows, e.g. "allow always"
#   answered_by WHAT             alice's log has a record "by" that
#   has_rule TEXT                alice's rules have this in them
#   questions_open N             so many questions wait now
#   flows_wait N                 at least so many flows wait in the kernel
#   upcalls                      packets the kernel has sent up for a decision
#   queued                       packets that went through any queue, by the
#                                kernel's own book, not ours
#   daemon_ready                 the daemon protects and is on the bus
#   has_starter_rules            it has the rules of a new installation
#   names_are_asked_about        without those that let everybody ask name servers

AGENT_DIR=/run/sallyport-agent

as_alice() { vm-as --seat alice "$@"; }

# A session is listed before the scope is there that its processes belong to.
seat_ready() {
  local tries=0
  until as_alice true 2>/dev/null; do
    tries=$((tries + 1))
    [ "$tries" -lt 300 ] || return 1
    tap_pause
  done
}

agent_start() {
  agent_is_let_in || return 1
  agent_input
  as_alice sallyport answer <"$AGENT_DIR/in" >"$AGENT_DIR/out" 2>&1 9>&- &
  agent_pid=$!
}

# A terminal's agent takes a password, which nobody is there to type.
agent_is_let_in() {
  local tries=0
  cat >/etc/polkit-1/rules.d/40-agent.rules <<'END'
polkit.addRule(function (action, subject) {
    if (action.id == "org.sallyport.firewall1.agent-foreign" && subject.user == "alice")
        return polkit.Result.YES;
});
END
  chmod 644 /etc/polkit-1/rules.d/40-agent.rules
  until as_alice sallyport answer </dev/null >/dev/null 2>&1; do
    tries=$((tries + 1))
    [ "$tries" -lt 300 ] || return 1
    tap_pause
  done
}

agent_input() {
  mkdir -p "$AGENT_DIR"
  rm -f "$AGENT_DIR/in"
  mkfifo "$AGENT_DIR/in"
  exec 9<>"$AGENT_DIR/in"
}

agent_start_with() {
  agent_input
  as_alice script -qfec 'sallyport answer --lines' /dev/null \
    <"$AGENT_DIR/in" >"$AGENT_DIR/out" 2>&1 9>&- &
  agent_pid=$!
  agent_password "$1"
}

# Typed when it is asked for.
agent_password() {
  local tries=0
  until agent_has 'Password: '; do
    tries=$((tries + 1))
    [ "$tries" -lt 600 ] || return 1
    tap_pause
  done
  agent_says "$1"
}

# It ends at the end of its input.
agent_stop() {
  exec 9>&-
  wait "$agent_pid"
}

agent_has() { grep -qE -- "$1" "$AGENT_DIR/out"; }

questions_shown() { grep -c 'wants to connect to' "$AGENT_DIR/out"; }

question_shown() { [ "$(questions_shown)" -ge "$1" ]; }

agent_says() { echo "$*" >&9; }

answered_by() { as_alice sallyport log --json | grep -q "\"by\": *\"$1\""; }

has_rule() { as_alice sallyport rules list --json | grep -qF -- "$1"; }

questions_open() { sallyport status --json | grep -q "\"questions\": *$1[,}]"; }

flows_wait() {
  local count
  count=$(sallyport status --json | grep -o '"pending": *\[[0-9]*' | grep -o '[0-9]*$')
  [ "${count:-0}" -ge "$1" ]
}

upcalls() { sallyport status --json | grep -o '"upcall": *[0-9]*' | grep -o '[0-9]*$' || echo 0; }

# The last column but one counts what a queue has had.
queued() { awk '{ sum += $8 } END { print sum + 0 }' /proc/net/netfilter/nfnetlink_queue; }

daemon_ready() { sallyport status --json 2>/dev/null | grep -q '"state": *"protecting"'; }

has_starter_rules() { sallyport rules list --all --json | grep -q ' to resolver '; }

names_are_asked_about() {
  local number numbers
  numbers=$(sallyport rules list --all --json | grep '"text":[^,]* to resolver ' |
    grep -oE '"id": *[0-9]+' | grep -oE '[0-9]+')
  [ -n "$numbers" ] || return 1
  for number in $numbers; do
    sallyport rules remove "$number" || return 1
  done
}
