# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Inside the machine of ./try, as root: the demonstration network and alice's
# two panes. alice sits at the machine: her processes are in her session on
# seat0. What runs in the panes is hers; root only types.

# shellcheck source=tests/vm/lib/peer.sh
. "$VM_LIB/peer.sh"

TRY_SOCKET=/tmp/sallyport-try.tmux

try_give_up() {
  printf 'try: %s\n' "$*" >&2
  exit 1
}

try_prepare() {
  [ -d /sys/module/sallyport ] || try_give_up "the kernel module is not loaded: nothing is judged"
  echo "The demo network: shop.test and tracker.test ..."
  peer_up http dns || try_give_up "the demo network did not come up"
}

# try_panes COLUMNS ROWS: a shell above, the questions below; nobody looks yet.
try_panes() {
  try_shell_start >/home/alice/.try-shell
  vm-as --seat alice sh -c 'cd && exec "$@"' sh \
    tmux -S "$TRY_SOCKET" -f /dev/null new-session -d -s try -x "$1" -y "$2" \
    'bash --rcfile ~/.try-shell; tmux kill-session' || try_give_up "tmux did not start"
  try_tmux split-window -t try:0.0 -v -l 45% "sallyport answer; echo \"(ended with \$?)\"; cat"
  try_tmux select-pane -t try:0.0
}

try_tmux() { tmux -S "$TRY_SOCKET" "$@"; }

try_shell_start() {
  cat <<'END'
PS1='alice$ '
cd
if [ -e .try-welcome ]; then
  cat .try-welcome
fi
END
}
