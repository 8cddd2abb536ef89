#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# part: long
# vm: --smp 1 --systemd --seat --unpack servers --timeout 900
#
# alice from elsewhere, with Debian's sshd and cron: over ssh from the peer she types her
# password, and a change that would cut her off is taken back; a job of cron's has nobody
# who could. That she has a session at the machine as well helps neither.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=tests/lib/tap.sh
. "$here/../../lib/tap.sh"
# shellcheck source=tests/vm/lib/peer.sh
. "$here/../lib/peer.sh"
# shellcheck source=tests/vm/lib/asking.sh
. "$here/../lib/asking.sh"

PATIENCE=60
REFUSED=3 # sallyport: not authorised
RUN=/run/elsewhere
KEY=$RUN/key

# --- as the packages' own scripts would ------------------------------------------------

sshd_up() {
  grep -q '^sshd:' /etc/passwd || echo 'sshd:x:990:65534::/run/sshd:/usr/sbin/nologin' >>/etc/passwd
  cp /usr/share/openssh/sshd_config /etc/ssh/ || return 1
  ssh-keygen -q -t ed25519 -N '' -f /etc/ssh/ssh_host_ed25519_key || return 1
  ssh-keygen -q -t ed25519 -N '' -f "$KEY" || return 1
  install -d -m 700 -o alice -g alice /home/alice/.ssh
  install -m 600 -o alice -g alice "$KEY.pub" /home/alice/.ssh/authorized_keys
  systemctl start ssh
}

cron_up() {
  grep -q '^crontab:' /etc/group || echo 'crontab:x:990:' >>/etc/group
  install -d -m 1730 -g crontab /var/spool/cron/crontabs || return 1
  chgrp crontab /usr/bin/crontab && chmod 2755 /usr/bin/crontab || return 1
  systemctl start cron
}

# --- over ssh --------------------------------------------------------------------------

over_ssh() {
  peer_run ssh -i "$KEY" -o BatchMode=yes -o StrictHostKeyChecking=no -o ConnectTimeout=20 \
    -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR "$@"
}

from_elsewhere() { over_ssh alice@192.0.2.1 "$(printf '%q ' "$@")" </dev/null; }

asked() { grep -o 'Password: ' "$1" | wc -l; }

# typing PASSWORD COMMAND: over ssh, with a terminal, where the password is typed each time
# that it is asked for.
typing() {
  local password=$1 typed=0 ssh
  shift
  rm -f "$RUN/in" && mkfifo "$RUN/in"
  exec 8<>"$RUN/in"
  over_ssh -tt alice@192.0.2.1 "$*" <"$RUN/in" >"$RUN/out" 2>&1 8>&- &
  ssh=$!
  while kill -0 "$ssh" 2>/dev/null; do
    if [ "$(asked "$RUN/out")" -gt "$typed" ]; then
      typed=$((typed + 1))
      printf '%s' "$password" >&8
    fi
    sleep 0.1
  done
  exec 8>&-
  wait "$ssh"
}

# In a terminal there, for her password.
answers() {
  agent_input
  over_ssh -tt alice@192.0.2.1 'sallyport answer --lines' <"$AGENT_DIR/in" >"$AGENT_DIR/out" 2>&1 9>&- &
  agent_pid=$!
  agent_password alice
}
has_agent() { sallyport status --json | grep -q '"agents": *1[,}]'; }
is_alone() { sallyport status --json | grep -q '"agents": *0[,}]'; }
connects() {
  as_alice curl --silent --output /dev/null --max-time 240 http://192.0.2.2/ 9>&- &
  curl=$!
}
curl_has_ended() { ! kill -0 "$curl" 2>/dev/null; }
# A line that comes with the question is not used: a person says it again.
said_until_it_ends() {
  curl_has_ended && return
  agent_says 'allow once'
  sleep 1
  curl_has_ended
}

# --- one that stays --------------------------------------------------------------------

stay() {
  mkfifo "$RUN/stay"
  exec 9<>"$RUN/stay"
  over_ssh -tt alice@192.0.2.1 <"$RUN/stay" >"$RUN/stayed" 2>&1 9>&- &
  stays=$!
  says 'PS1=; stty -echo'
}

says() { echo "$*" >&9; }
showed() { grep -q -- "$1" "$RUN/stayed"; }
# What is echoed by the terminal is not what the shell there says.
lives() { kill -0 "$stays" && says "printf 'alive %d\\n' $1" && showed_soon "alive $1"; }
showed_soon() {
  local tries=0
  until showed "$1"; do
    tries=$((tries + 1))
    [ "$tries" -lt 600 ] || return 1
    sleep 0.1
  done
}

# types_until COMMAND...: in the session that stays, her password each time that it is asked
# for, until the command succeeds.
types_until() {
  local end=$((SECONDS + 240))
  until "$@"; do
    if [ "$SECONDS" -ge "$end" ]; then
      tail -n 20 "$RUN/stayed"
      return 1
    fi
    if [ "$(asked "$RUN/stayed")" -gt "$answered" ]; then
      answered=$((answered + 1))
      says alice
    fi
    sleep 0.1
  done
}
answered=0

# What asks for the password may leave a change of colour before what follows it.
ended_well() { showed "status 0 of $changes"; }
# does COMMAND: to its end. begins COMMAND: until it is in force, and waits to be confirmed:
# what the session shows then does not get through.
does() {
  changes=$((changes + 1))
  says "$1; echo \"status \$? of $changes\""
  types_until ended_well
}
begins() {
  changes=$((changes + 1))
  says "$1; echo \"status \$? of $changes\""
  types_until is_guarded
}
changes=0

comes_in() { from_elsewhere true; }
is_guarded() { sallyport status --json | grep -q '"guard-deadline": *[1-9]'; }
is_over() { ! is_guarded; }
is_cut_off() { says : && ! kill -0 "$stays"; }

# --- from cron -------------------------------------------------------------------------

# What it could do, as lines of "WHAT STATUS"; there when it is done.
write_job() {
  local sallyport
  sallyport=$(command -v sallyport)
  cat >/home/alice/job <<END
#!/bin/sh
exec >"\$HOME/job.new" 2>"\$HOME/job.errors"
cat /proc/self/cgroup
$sallyport rules list --json >/dev/null; echo "list \$?"
$sallyport rules add deny out port 2; echo "deny \$?"
$sallyport rules add allow out program /usr/bin/dig; echo "allow \$?"
$sallyport answer --lines; echo "answer \$?"
curl --silent --output /dev/null --max-time 20 http://192.0.2.2/; echo "curl \$?"
mv "\$HOME/job.new" "\$HOME/job.done"
END
  chmod 755 /home/alice/job
}

begin_job() { echo '* * * * * /home/alice/job' | as_alice crontab -; }
job_said() { grep -qx -- "$1" /home/alice/job.done; }

refused_by_daemon() { journalctl -o json SALLYPORT_EVENT=refused SALLYPORT_UID=1000 SALLYPORT_METHOD="$1"; }

mkdir -p "$RUN"
ok 'alice sits at the machine' seat_ready
ok 'the peer is there' peer_up http
ok 'sshd' sshd_up
ok 'cron' cron_up
eventually 'the daemon protects' "$PATIENCE" daemon_ready
ok 'root lets sshd be reached' \
  sallyport rules add 'allow in program /usr/sbin/sshd unit ssh.service protocol tcp port 22'
way=$(sallyport rules list --all --json | grep '/usr/sbin/sshd' | grep -oE '"id": *[0-9]+' | grep -oE '[0-9]+')
is 'one rule is her way in' "$(wc -w <<<"$way")" 1

# --- ssh: remote, so a password for everything ------------------------------------------

ok 'she comes over ssh' from_elsewhere true
# shellcheck disable=SC2016 # expanded there
like 'by a session of logind that is from there' \
  "$(over_ssh alice@192.0.2.1 'loginctl show-session $XDG_SESSION_ID -p Remote -p RemoteHost -p Seat' </dev/null | sort | tr '\n' ' ')" \
  'Remote=yes RemoteHost=192.0.2.2 Seat= '
status_is 'she sees nothing' "$REFUSED" from_elsewhere sallyport rules list
status_is 'may not deny' "$REFUSED" from_elsewhere sallyport rules add deny out port 2
status_is 'nor allow' "$REFUSED" from_elsewhere sallyport rules add allow out program /usr/bin/dig
status_is 'nor answer' "$REFUSED" from_elsewhere sallyport answer --lines
add='sallyport rules add allow out program /usr/bin/dig to 192.0.2.9'
status_is 'a wrong password' "$REFUSED" typing $'guess\n' "$add"
ok 'was asked for in the terminal' test "$(asked "$RUN/out")" -ge 1
status_is 'none: the terminal is closed' "$REFUSED" typing $'\x04' "$add"
fails 'neither made a rule' has_rule 192.0.2.9
status_is 'her password' 0 typing $'alice\n' "$add"
ok 'made the rule' has_rule 'allow out program /usr/bin/dig owner 1000 to 192.0.2.9'

# --- questions, answered from there -------------------------------------------------------

ok 'she answers there, for her password' answers
eventually 'the daemon has somebody to ask' "$PATIENCE" has_agent
connects
eventually 'her question is shown there' "$PATIENCE" question_shown 1
eventually 'she answers, and what waited ends' "$PATIENCE" said_until_it_ends
ok 'it went through' wait "$curl"
printf '\x03' >&9
eventually 'a key ends it' "$PATIENCE" is_alone
exec 9>&-
wait "$agent_pid"

# --- what would cut her off ---------------------------------------------------------------

stay
ok 'a session that stays' lives 1
ok "her own rules are not sshd's: nothing is guarded" does 'sallyport rules add deny in port 22'
fails 'no guard' is_guarded
ok 'she takes away what lets her in: it waits to be confirmed' begins "sallyport rules remove $way"
fails 'nobody comes in now' comes_in
ok 'she was told that it may end this connection' showed 'may end the ssh connection'
is 'and asked for her password twice: to look, and to change' "$answered" 4
eventually 'nobody confirmed: it is taken back' "$PATIENCE" is_over
ok 'she can come in again' comes_in
ok 'the connection went on: the command ended well' types_until ended_well
ok 'and the session lives' lives 20

change=$(sallyport undo --list --json | grep '"kind": *"change"' | grep /usr/sbin/sshd |
  tail -n 1 | grep -oE '"change": *[0-9]+' | grep -oE '[0-9]+')
ok 'she undoes what let her in: it waits, too' begins "sallyport undo --change $change"
fails 'nobody comes in then' comes_in
eventually 'that is taken back' "$PATIENCE" is_over
ok 'and she can come in' comes_in
ok 'the undo, too, ended well' types_until ended_well

ok 'again, by another way' begins 'sallyport mode lockdown'
fails 'nobody comes in' comes_in
ok 'at the machine she confirms' as_alice sallyport confirm
ok 'nothing waits any more' is_over
fails 'still nobody comes in' comes_in
eventually 'the connection has ended' "$PATIENCE" is_cut_off
ok 'root goes back' sallyport mode normal
ok 'she can come in' comes_in

# --- cron: no session ----------------------------------------------------------------------

write_job
ok 'a job of hers' begin_job
eventually 'cron has run it' 180 test -s /home/alice/job.done
like 'as a part of cron.service' "$(</home/alice/job.done)" '/system.slice/cron.service'
for what in list deny allow answer; do
  ok "$what is refused" job_said "$what $REFUSED"
done
ok 'its connection is refused' job_said 'curl 7'
for method in List Add RegisterAgent; do
  like "the journal has that $method was refused" "$(refused_by_daemon "$method")" "$method refused"
done
like 'and the log that curl was, while nobody could be asked' \
  "$(sallyport log --all --json | grep /usr/bin/curl)" '"action": *"deny"'

tap_done
