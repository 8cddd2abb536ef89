# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Inside the machine of ./try, as root: the demonstration network and alice's
# two panes. alice sits at the machine: her processes are in her session on
# seat0. What runs in the panes is hers; root only types.

# shellcheck source=tests/vm/lib/peer.sh
. "$VM_LIB/peer.sh"

TRY_SOCKET=/tmp/sallyport-try.tmux
TRY_SHELL=try:0.0
TRY_ANSWER=try:0.1
TRY_PATIENCE=60

try_give_up() {
  printf 'try: %s\n' "$*" >&2
  exit 1
}

try_prepare() {
  [ -d /sys/module/sallyport ] || try_give_up "the kernel module is not loaded: nothing is judged"
  echo "The demo network: shop.test and tracker.test ..."
  peer_up http dns || try_give_up "the demo network did not come up"
  try_allow_lookups
  try_allow_answers
}

# Names must be looked up before there is anything to ask about: an ordinary rule
# of the administrator's, that alice finds in "sallyport rules list".
try_allow_lookups() {
  local rule
  for rule in 'allow out protocol udp to 192.0.2.2 port 53' \
    'allow out protocol tcp to 192.0.2.2 port 53'; do
    sallyport rules add "$rule" >/dev/null || try_give_up "the rule was refused: $rule"
  done
}

# Else "sallyport answer" takes alice's password when it starts: a program could open a
# pane, too, and type there.
try_allow_answers() {
  cat >/etc/polkit-1/rules.d/40-try.rules <<'END'
polkit.addRule(function (action, subject) {
    if (action.id == "org.sallyport.firewall1.agent-foreign" && subject.user == "alice")
        return polkit.Result.YES;
});
END
  chmod 644 /etc/polkit-1/rules.d/40-try.rules
}

# try_panes COLUMNS ROWS: a shell above, the questions below; nobody looks yet.
try_panes() {
  try_shell_start >/home/alice/.try-shell
  vm-as --seat alice sh -c 'cd && exec "$@"' sh \
    tmux -S "$TRY_SOCKET" -f /dev/null new-session -d -s try -x "$1" -y "$2" \
    'bash --rcfile ~/.try-shell; tmux kill-session' || try_give_up "tmux did not start"
  try_tmux split-window -t "$TRY_SHELL" -v -l 45% \
    "sallyport answer; echo \"(ended with \$?)\"; cat"
  try_tmux select-pane -t "$TRY_SHELL"
  try_wait_for "$TRY_SHELL" 'alice\$' || try_give_up "alice's shell did not start"
  # Until somebody can be asked, what isn't known is refused.
  try_wait_for "$TRY_ANSWER" 'Waiting for questions' ||
    try_give_up "sallyport answer is not ready: $(try_screen "$TRY_ANSWER" | grep .)"
}

try_tmux() { tmux -S "$TRY_SOCKET" "$@"; }

# try_screen PANE: what is and was on it, long lines whole.
try_screen() { try_tmux capture-pane -p -J -S - -t "$1"; }

# try_wait_for PANE REGEX
try_wait_for() {
  local end=$((SECONDS + TRY_PATIENCE))
  until [[ $(try_screen "$1") =~ $2 ]]; do
    [ "$SECONDS" -lt "$end" ] || return 1
    sleep 0.2
  done
}

try_shell_start() {
  cat <<'END'
PS1='alice$ '
cd
if [ -e .try-welcome ]; then
  cat .try-welcome
fi
END
}
