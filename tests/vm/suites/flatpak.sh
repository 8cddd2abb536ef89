#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# part: long
# vm: --smp 1 --systemd --seat --debs flatpak --timeout 900
#
# An application as Flatpak installs and starts it, by the user's own systemd, in its
# sandbox. Whose control group it is in is its user's own word: that denies and is asked
# about, and allows nothing. Believed are exit statuses and what arrives at the peer.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=tests/lib/tap.sh
. "$here/../../lib/tap.sh"
# shellcheck source=tests/vm/lib/peer.sh
. "$here/../lib/peer.sh"
# shellcheck source=tests/vm/lib/asking.sh
. "$here/../lib/asking.sh"
# shellcheck source=tests/vm/lib/attack.sh
. "$here/../lib/attack.sh"

APP=org.test.Shop
RUNTIME=org.test.Platform/x86_64/1
MADE=/srv/flatpak
TO=(192.0.2.2 80)
REACH=/usr/local/bin/reach # connects; linked statically, as a runtime from nothing wants it

install_debs() {
  DEBIAN_FRONTEND=noninteractive dpkg --force-confold -i "$VM_DEBS"/*.deb
}

make_runtime() {
  mkdir -p "$MADE/runtime/files" "$MADE/runtime/usr/bin" &&
    printf '[Runtime]\nname=%s\nruntime=%s\nsdk=%s\n' "${RUNTIME%%/*}" "$RUNTIME" "$RUNTIME" \
      >"$MADE/runtime/metadata" &&
    flatpak build-export --runtime "$MADE/repository" "$MADE/runtime" 1
}

make_app() {
  mkdir -p "$MADE/app/files/bin" "$MADE/app/export" &&
    cp "$REACH" /bin/busybox "$MADE/app/files/bin/" &&
    printf '[Application]\nname=%s\nruntime=%s\nsdk=%s\ncommand=reach\n[Context]\nshared=network;\n' \
      "$APP" "$RUNTIME" "$RUNTIME" >"$MADE/app/metadata" &&
    flatpak build-export "$MADE/repository" "$MADE/app" 1
}

install_app() {
  as_alice flatpak remote-add --user --no-gpg-verify here "file://$MADE/repository" &&
    as_alice flatpak install --user --noninteractive here "$APP"
}

app() { as_alice flatpak run "$APP" "${TO[@]}"; }
outside() { as_alice "$REACH" "${TO[@]}"; }
its_cgroup() { as_alice flatpak run --command=busybox "$APP" cat /proc/self/cgroup; }
rule() { sallyport rules add "$1"; }
# Those that root has made here.
no_rules() {
  local numbers
  numbers=$(sallyport rules list --json | grep -oE '"id": *[0-9]+' | grep -oE '[0-9]+')
  # shellcheck disable=SC2086 # several
  sallyport rules remove $numbers
}

ok 'Flatpak' install_debs
ok 'the peer and its server are there' peer_up http
eventually 'the daemon protects' 60 daemon_ready
ok 'alice is at the machine' seat_ready
ok 'the tools are there' attack_tools
install -m 755 "$ATTACK/reach" "$REACH"
ok 'a runtime' make_runtime
ok 'an application' make_app
ok 'alice installs it' install_app
like 'it has a control group of its own' "$(its_cgroup)" "/app-flatpak-${APP//./\\.}-[0-9]+\.scope"

stays_inside 'what no rule allows' app
ok 'a rule for its program by a path of the machine' rule "allow out program $REACH to 192.0.2.2"
gets_out 'that one' outside
stays_inside 'not this one' app
ok 'a rule for the application' rule "allow out app flatpak:$APP"
stays_inside 'believes nobody who says to be it' app
ok 'a rule for whatever alice starts' rule 'allow out user alice to 192.0.2.2'
gets_out 'the application, too' app
ok 'unless it is denied that' rule "deny out app flatpak:$APP to 192.0.2.2"
stays_inside 'who says to be it' app
gets_out 'not another program' outside
ok 'the rules go' no_rules

ok 'alice can be asked' agent_start
peer_count_reset
app >/run/reached 2>&1 </dev/null 9>&- &
program=$!
eventually 'it is asked about' 60 agent_has "flatpak:${APP//./\\.}"
agent_says allow once
wait "$program"
is 'allowed, it gets out' $? 0
is 'and arrives' "$(peer_syn_count 80)" 1
shown=$(questions_shown)
app >/run/reached 2>&1 </dev/null 9>&- &
program=$!
eventually 'the next time it is asked about again' 60 question_shown $((shown + 1))
agent_says deny once
wait "$program"
is 'denied, it does not get out' $? 7 || diag "$(<"$AGENT_DIR/out")"
is 'nothing arrives' "$(peer_syn_count 80)" 1
agent_stop
attack_table
tap_done
