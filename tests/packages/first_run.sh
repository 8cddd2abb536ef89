# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# shellcheck disable=SC2154 # inside.sh has set them
#
# What a machine does of itself, with the real programs in their own units: apt looks for
# updates, names, the time, ssh from outside, a printer. The peer has the other end of
# each. For inside.sh, which has sourced tap.sh and peer.sh.

FIRST_DIR=/run/first-run

# --- the other ends -----------------------------------------------------------------------

# An archive without packages.
first_archive() {
  local dir=$PEER_DIR/www/debian
  mkdir -p "$dir" && : >"$dir/Packages" || return 1
  printf 'Date: %s\nMD5Sum:\nSHA256:\n %s 0 Packages\n' "$(date -Ru)" \
    "$(sha256sum <"$dir/Packages" | cut -d' ' -f1)" >"$dir/Release"
}

first_servers() {
  mkdir -p "$FIRST_DIR/printed"
  peer_serve time python3 "$packages_here/time_server.py"
  peer_serve printer ippeveprinter -r off -p 631 -k -f image/jpeg \
    -d "$FIRST_DIR/printed" Printer
  peer_wait_listens udp 123 && peer_wait_listens tcp 631
}

# --- this machine's -------------------------------------------------------------------------

# As installed by hand some day before us.
first_packages() { DEBIAN_FRONTEND=noninteractive dpkg --force-confold -i "$VM_DEBS"/*.deb; }

# The machine around has its own mind about where packages come from.
first_configure() {
  rm -rf /etc/apt/sources.list.d /etc/apt/apt.conf.d /etc/apt/preferences.d
  mkdir -p /etc/apt/apt.conf.d /etc/systemd/timesyncd.conf.d
  echo 'deb [trusted=yes] http://192.0.2.2/debian ./' >/etc/apt/sources.list
  echo 'APT::Periodic::Update-Package-Lists "always";' >/etc/apt/apt.conf.d/10periodic
  # As dpkg has it here: with what keeps what DKMS compiles.
  echo "DPkg::Path \"$PATH\";" >/etc/apt/apt.conf.d/10path
  printf '[Time]\nNTP=192.0.2.2\n' >/etc/systemd/timesyncd.conf.d/peer.conf
  rm -f /etc/systemd/system/systemd-timesyncd.service
  systemctl daemon-reload
}

first_queue() { lpadmin -p lan -E -v 'ipp://192.0.2.2/ipp/print?waitjob=false' -m raw; }

# From the peer to this machine's sshd; "cat" says what it is told.
first_ssh() {
  peer_run ssh -i /home/alice/.ssh/id_ed25519 -o BatchMode=yes -o StrictHostKeyChecking=no \
    -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR alice@192.0.2.1 "$@"
}

first_session() {
  mkfifo "$FIRST_DIR/session" || return 1
  exec 8<>"$FIRST_DIR/session"
  first_ssh cat <"$FIRST_DIR/session" >"$FIRST_DIR/said" 2>"$FIRST_DIR/ssh.log" 7>&- 8>&- &
  first_session_says hello
}

first_session_says() {
  local end=$((SECONDS + PATIENCE))
  echo "$1" >&8
  until grep -qx "$1" "$FIRST_DIR/said"; do
    [ "$SECONDS" -lt "$end" ] || { cat "$FIRST_DIR/ssh.log"; return 1; }
    sleep 0.2
  done
}

first_before() {
  ok 'first run: an ssh server, a print server' first_packages
  ok 'an archive, a clock and a printer are there' eval 'first_archive && first_servers'
  ok 'this machine uses them' eval 'first_configure && first_queue'
  ok 'somebody has an ssh session to this machine' first_session
}

# --- after the installation ------------------------------------------------------------------

contacted_clock() { journalctl -u systemd-timesyncd -o cat | grep -q 'Initial clock synchronization\|Contacted time server'; }
printed() { grep -rqs 'a page' "$FIRST_DIR/printed"; }

# What is to be read where the clock does not answer.
clock_report() {
  diag "datagrams that reached the clock: $(peer_count udp 123)"
  diag "$(systemctl status --no-pager systemd-timesyncd.service)"
  diag "$(sallyport log --all | tail -n 20)"
}

# --- somebody who answers ----------------------------------------------------------------------

# Started once; in another scene he may be there already.
agent_comes() {
  [ -z "${agent-}" ] || return 0
  mkfifo "$FIRST_DIR/answers" || return 1
  exec 9<>"$FIRST_DIR/answers"
  sallyport answer <"$FIRST_DIR/answers" >"$FIRST_DIR/questions" 2>&1 7>&- 8>&- 9>&- &
  agent=$!
}
agent_leaves() {
  [ -n "${agent-}" ] || return 0
  exec 9>&-
  kill "$agent"
  wait "$agent"
  agent=''
}
has_agent() { sallyport status --json | grep -q '"agents": *1[,}]'; }
questions_asked() { grep -c 'wants to connect to' "$FIRST_DIR/questions"; }
question_asked() { [ "$(questions_asked)" -ge "$1" ]; }

first_updates() {
  peer_count_reset
  systemctl start apt-daily.service && [ "$(peer_syn_count 80)" -ge 1 ] &&
    ls /var/lib/apt/lists/*192.0.2.2*
}

scene_first_run() {
  local program
  ok 'the ssh session goes on' first_session_says again
  ok 'and a new one is let in' first_ssh true
  ok 'names are looked up' getent ahostsv4 shop.test
  ok 'apt looks for updates, in its unit' first_updates
  ok 'the clock is asked' systemctl start systemd-timesyncd.service
  eventually 'and answers' "$PATIENCE" contacted_clock || clock_report
  # It takes pictures, which it knows by how they begin.
  printf '\377\330\377\340a page' >"$FIRST_DIR/page"
  ok 'a page is printed' lp -d lan -o raw "$FIRST_DIR/page"
  eventually 'it comes out of the printer' "$PATIENCE" printed

  peer_count_reset
  ok 'somebody can be asked' agent_comes
  eventually 'as is known' "$PATIENCE" has_agent
  curl --silent --max-time "$PATIENCE" http://192.0.2.2:8080/ >"$FIRST_DIR/fetched" 2>&1 7>&- 8>&- 9>&- &
  program=$!
  eventually 'all else asks' "$PATIENCE" question_asked 1
  is 'and waits' "$(peer_syn_count 8080)" 0
  echo 'allow once' >&9
  ok 'what is allowed goes on' wait "$program"
  ok 'the doctor finds nothing bad' sallyport doctor
  diag "$(sallyport doctor)"
}

# Its end: it is the terminal's.
first_over() {
  agent_leaves
  exec 8>&-
}
