# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# shellcheck disable=SC2154 # inside.sh has set them
#
# A newer version takes the place of an older one, with an open connection, an ssh session
# and an open question, while somebody tries all the time; the way back is refused. For
# inside.sh, which has sourced tap.sh, peer.sh and first_run.sh.

installed_version() { dpkg-query -W -f '${Version}' sallyport; }

rule_is_there() { sallyport rules list --json | grep -qF 192.0.2.2; }

# --- a question that is open ----------------------------------------------------------------

# A question waits for a minute, DKMS and depmod may need more: it is asked when the modules are
# about to change places. The installation finds an nft of ours first, which says when it is
# to load something for the first time: that is what closes the gap. It waits then until
# the question is asked, or a minute, and does what nft does.
make_waiting_nft() {
  mkdir "$FIRST_DIR/bin" && mkfifo "$FIRST_DIR/swap" "$FIRST_DIR/asked" || return 1
  cat >"$FIRST_DIR/bin/nft" <<END
#!/bin/bash
if [ "\$1" = -f ] && mkdir "$FIRST_DIR/swapping" 2>/dev/null; then
  exec 3<>"$FIRST_DIR/asked"
  echo 1<>"$FIRST_DIR/swap"
  read -r -t 60 -u 3 && touch "$FIRST_DIR/asked-before"
  exec 3>&-
fi
exec "$(command -v nft)" "\$@"
END
  chmod 755 "$FIRST_DIR/bin/nft"
}

install_newer() { PATH=$FIRST_DIR/bin:$PATH install_from "$newer"; }

# For what polls.
swap_has_begun() { [ -e "$FIRST_DIR/swapping" ]; }

# wget tries again itself where it is refused; here it must not have to.
begin_question_at_swap() {
  questions=$(questions_asked)
  sysctl -qw net.ipv4.tcp_syn_retries=10
  {
    read -r <"$FIRST_DIR/swap"
    say_when_asked $((questions + 1)) &
    exec wget -nv -t 1 -T 600 -O /dev/null http://192.0.2.3:8080/
  } >"$FIRST_DIR/wget" 2>&1 7>&- 8>&- 9>&- &
  waiting=$!
}
say_when_asked() {
  until question_asked "$1"; do
    read -r -t 0.1 -u "$pause"
  done
  echo 1<>"$FIRST_DIR/asked"
}
# What is to be read where the question was over before.
question_report() {
  diag "$(<"$FIRST_DIR/wget")"
  diag "$(stat -c 'wget said so at %y' "$FIRST_DIR/wget")"
  diag "$(tail -n 30 "$FIRST_DIR/questions")"
  diag "$(sallyport log --all | grep -F 192.0.2.3 | grep -F 8080 | tail -n 10)"
  diag "$(journalctl -u sallyportd -o short-iso-precise | tail -n 20)"
}
daemon_starts() { journalctl -u sallyportd.service -o cat | grep -c '^Started '; }
one_question() { sallyport status --json | grep -q '"questions": *1[,}]'; }

# --- somebody who tries all the time ----------------------------------------------------------

# Once a second while DKMS compiles, which would have no processor else; ten times where the
# modules change places.
begin_trying() {
  local pace=1
  peer_count_reset
  while :; do
    read -r -t "$pace" -u "$pause"
    ! swap_has_begun || pace=0.1
    (exec 3<>/dev/tcp/192.0.2.3/80) 2>/dev/null
    echo hello >/dev/udp/192.0.2.3/9
    echo >>"$FIRST_DIR/tries"
  done 2>/dev/null 7>&- 8>&- 9>&- &
  trying=$!
}
tries() { wc -l <"$FIRST_DIR/tries"; }

scene_upgrade() {
  local questions waiting trying pause starts
  starts=$(daemon_starts)
  mkfifo "$FIRST_DIR/pause" && exec {pause}<>"$FIRST_DIR/pause"
  ok 'somebody can be asked' agent_comes
  eventually 'as is known' "$PATIENCE" has_agent
  ok 'somebody may not' sallyport rules add 'deny out program /usr/bin/bash to 192.0.2.3'
  begin_trying
  ok 'a program is to ask when the modules change places' make_waiting_nft
  begin_question_at_swap
  ok 'a newer version is installed' install_newer
  ok 'the program had asked before they did' test -e "$FIRST_DIR/asked-before"
  eventually 'it protects' "$PATIENCE" state_is protecting
  is 'the module is the newer one' "$(cat /sys/module/sallyport/version)" "$(installed_version)"
  is 'the daemon was started anew once' "$(daemon_starts)" $((starts + 1))
  kill "$trying"
  cmp_ok 'somebody has tried all the while' "$(tries)" -ge 10
  is 'and never got through: not a connection' "$(peer_syn_count 80 192.0.2.3)" 0
  is 'nor a datagram' "$(peer_count udp 9)" 0
  fails 'nothing is left of what closed the gap' nft list table inet sallyport_swap
  ok 'the open connection goes on' connection_lives three
  ok 'the ssh session as well' first_session_says third
  ok 'the rule is still there' rule_is_there
  ok 'and obeyed' fetch
  eventually 'a question that was open is asked again' "$PATIENCE" question_asked $((questions + 2)) || question_report
  eventually 'and waits' "$PATIENCE" one_question
  is 'nothing of it has arrived' "$(peer_syn_count 8080 192.0.2.3)" 0
  # for this one: without a question it would be for the next one
  ! one_question || echo 'allow once' >&9
  ok 'its answer is obeyed' wait "$waiting"
  cmp_ok 'it arrives' "$(peer_syn_count 8080 192.0.2.3)" -ge 1
  exec {pause}>&-

  fails 'the older version is refused' dpkg -i "$packages"/sallyport_*.deb
  like 'with the reason' "$(dpkg -i "$packages"/sallyport_*.deb 2>&1)" "can't be replaced by the older"
  is 'the newer one is still installed' "$(dpkg-query -W -f '${db:Status-Status}' sallyport)" installed
  ok 'and protects' state_is protecting
}
