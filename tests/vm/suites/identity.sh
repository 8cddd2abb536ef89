#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vm: --smp 1 --systemd --timeout 600
#
# Who a program is: rules about packages, units, scripts, parents and tracers hold
# for programs that are it, and not for those that only look like it. Believed are
# exit statuses and what arrives at the peer.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=tests/lib/tap.sh
. "$here/../../lib/tap.sh"
# shellcheck source=tests/vm/lib/peer.sh
. "$here/../lib/peer.sh"
# shellcheck source=tests/vm/lib/attack.sh
. "$here/../lib/attack.sh"
# shellcheck source=tests/vm/lib/daemon.sh
. "$here/../lib/daemon.sh"

TO=(192.0.2.2 80)
URL=http://192.0.2.2/
HOUSE=/home/alice
REACH=/usr/local/bin/reach

alice() { setpriv --reuid alice --regid alice --init-groups env -i HOME=$HOUSE PATH="$PATH" "$@"; }

SANDBOX=(bwrap --ro-bind / / --dev /dev --proc /proc)

fetch() { "$@" -sS -m 90 -o /dev/null "$URL"; }

rule() { sallyport rules add "$1" | grep -o "[0-9]*" | head -n 1 >"$ATTACK/rule" && [ -s "$ATTACK/rule" ]; }

no_rule() { sallyport rules remove "$(cat "$ATTACK/rule")"; }

ok 'the peer and its servers are there' peer_up http
ok 'the tools of the attacks are there' attack_tools
eventually 'the daemon protects' 60 sallyport status
install -m 755 "$ATTACK/reach" "$REACH"
cp /usr/bin/curl "$HOUSE/curl"
chown alice:alice "$HOUSE/curl"

# --- packages -----------------------------------------------------------------------

ok 'the package curl may go out' rule 'allow out package curl'
# The index of packages is read while the machine starts.
eventually 'curl of the package gets out' 60 fetch alice curl
gets_out 'curl of the package' fetch alice curl
stays_inside 'a copy of it' fetch alice $HOUSE/curl
stays_inside 'a program of no package' alice "$REACH" "${TO[@]}"
stays_inside 'curl in a user and mount namespace of its own' fetch alice unshare -rm curl
stays_inside 'curl in a sandbox (bwrap)' fetch alice "${SANDBOX[@]}" curl
stays_inside 'curl in a sandbox of root' fetch "${SANDBOX[@]}" curl
cp /usr/bin/curl /usr/local/bin/curl-copy
stays_inside 'a copy in a folder of root' fetch alice /usr/local/bin/curl-copy
ok 'the rule goes' no_rule
stays_inside 'without it' fetch alice curl

# --- sums -----------------------------------------------------------------------------

cp "$ATTACK/reach" $HOUSE/reach
chown alice:alice $HOUSE/reach
chmod 700 $HOUSE
ok 'this version of a file of alice may go out' \
  rule "allow out program $HOUSE/reach hash $(sha256sum <$HOUSE/reach | cut -c1-64)"
gets_out 'this version' alice $HOUSE/reach "${TO[@]}"
printf x >>$HOUSE/reach
stays_inside 'another version' alice $HOUSE/reach "${TO[@]}"
stays_inside 'the same file elsewhere' alice "$REACH" "${TO[@]}"
ok 'the rule goes' no_rule

# --- units --------------------------------------------------------------------------

in_unit() { systemd-run --quiet --wait --collect --unit "$@"; }

ok 'fetch.service may go out' rule "allow out unit fetch.service program $REACH"
gets_out 'a program in the unit' in_unit fetch "$REACH" "${TO[@]}"
stays_inside 'the same in another unit' in_unit other "$REACH" "${TO[@]}"
stays_inside 'the same in no unit' "$REACH" "${TO[@]}"
stays_inside 'another program in the unit' in_unit fetch /usr/bin/curl -sS -m 90 $URL
ok 'the rule goes' no_rule

# --- scripts ------------------------------------------------------------------------

printf '#!/bin/bash\nexec 3<>/dev/tcp/192.0.2.2/80 || exit 7\n' >/usr/local/bin/fetch
chmod 755 /usr/local/bin/fetch
cp /usr/local/bin/fetch $HOUSE/fetch
chown alice:alice $HOUSE/fetch
ok 'a script may go out' rule 'allow out script /usr/local/bin/fetch'
gets_out 'the script' alice /usr/local/bin/fetch
gets_out 'found in PATH' alice env fetch
stays_inside 'a copy of it' alice $HOUSE/fetch
stays_inside 'named to the interpreter' alice bash /usr/local/bin/fetch
stays_inside 'the interpreter itself' alice bash -c 'exec 3<>/dev/tcp/192.0.2.2/80 || exit 7'
stays_inside 'called by its name' alice bash -c \
  "exec -a /usr/local/bin/fetch bash -c 'exec 3<>/dev/tcp/192.0.2.2/80 || exit 7'"
ok 'the rule goes' no_rule

# --- parents ------------------------------------------------------------------------

cp /usr/bin/env /usr/local/bin/launcher
ok 'what launcher starts may go out' rule 'allow out parent /usr/local/bin/launcher'
gets_out 'started by it' alice launcher "$REACH" "${TO[@]}"
gets_out 'by a shell of its' alice launcher bash -c "$REACH ${TO[*]}; exit \$?"
orphan() {
  local tries=0
  rm -f $HOUSE/done
  alice launcher bash -c "(while [ -e /proc/\$\$ ]; do :; done
    $REACH ${TO[*]}; echo \$? >$HOUSE/done) & exit 0"
  until [ -s $HOUSE/done ]; do
    tries=$((tries + 1))
    [ "$tries" -lt 600 ] || return 124
    sleep 0.1
  done
  return "$(cat $HOUSE/done)"
}
gets_out 'when launcher is gone' orphan
stays_inside 'started by another' alice env "$REACH" "${TO[@]}"
ok 'the rule goes' no_rule

# --- tracers ------------------------------------------------------------------------

ok 'reach may go out, but for tracers' rule "allow out program $REACH traced no"
gets_out 'not traced' alice "$REACH" "${TO[@]}"
cat >/usr/local/bin/tracer.py <<'END'
import ctypes, os, sys
ptrace = ctypes.CDLL(None).ptrace
child = os.fork()
if not child:
    ptrace(0, 0, 0, 0)
    os.execv(sys.argv[1], sys.argv[1:])
while True:
    _, status = os.waitpid(child, 0)
    if not os.WIFSTOPPED(status):
        sys.exit(os.waitstatus_to_exitcode(status))
    ptrace(7, child, 0, 0 if os.WSTOPSIG(status) == 5 else os.WSTOPSIG(status))
END
stays_inside 'traced' alice /usr/bin/python3 /usr/local/bin/tracer.py "$REACH" "${TO[@]}"
stays_inside 'written to' alice bash -c "cd; touch gate
  $REACH -w \$PWD/gate ${TO[*]} &
  until [ /proc/\$!/exe -ef $REACH ]; do :; done; exec 3<>/proc/\$!/mem; exec 3>&-; rm gate; wait \$!"
ok 'the rule goes' no_rule

# --- mounted elsewhere each time ------------------------------------------------------

# What a program on a mounted image starts as is not where the image was mounted.
image_up() {
  local folder
  folder=$(mktemp -d /tmp/.mount_XXXXXX) && chmod 755 "$folder" &&
    mount -o loop,ro,nosuid,nodev "$ATTACK/image" "$folder" && echo "$folder"
}
image_made() {
  modprobe -a loop ext4
  mkdir "$ATTACK/content" && cp "$REACH" "$ATTACK/content/AppRun" &&
    truncate -s 4M "$ATTACK/image" && mke2fs -q -t ext4 -d "$ATTACK/content" "$ATTACK/image"
}
from_image() { alice $HOUSE/Loop.AppImage "$image/AppRun" "${TO[@]}"; }

ok 'a file system in a file' image_made
cp /usr/bin/env $HOUSE/Loop.AppImage
chown alice:alice $HOUSE/Loop.AppImage
ok 'what Loop.AppImage starts may go out' rule "allow out parent $HOUSE/Loop.AppImage"
image=$(image_up)
gets_out 'what it starts of the image' from_image
first=$image
ok 'the image goes' umount "$image"
image=$(image_up)
isnt 'it is mounted elsewhere' "$image" "$first"
gets_out 'what it starts of it there' from_image
stays_inside 'the same, started by another' alice "$image/AppRun" "${TO[@]}"
ok 'the rule goes' no_rule

# --- applications of a sandbox ----------------------------------------------------------

# As the desktop names their control groups: the user's own word.
in_app() {
  vm-as alice systemd-run --user --scope --quiet --collect --unit "app-flatpak-$1-$RANDOM.scope" \
    "${SANDBOX[@]}" "$REACH" "${TO[@]}"
}

ok 'an application may go out, say the rules' rule 'allow out app flatpak:org.test.Shop'
stays_inside 'who says to be it' in_app org.test.Shop
ok 'the rule goes' no_rule
agent_up
eventually 'somebody can be asked' 60 agents_registered 1
for app in org.test.Shop org.test.News; do
  in_app $app >"$ATTACK/output" 2>&1 </dev/null 9>&- &
  program=$!
  eventually "$app is asked about" 60 agent_has "flatpak:${app//./\\.}"
  agent_says deny once
  wait "$program"
  is 'denied, it does not get out' $? 7
done
agent_down

# --- AppImages ------------------------------------------------------------------------

# What it carries has another path at each start, on a file system of alice's own.
bundle() {
  install -d -o alice -g alice "$HOUSE/$1.AppDir"
  install -o alice -g alice -m 755 "$ATTACK/reach" "$HOUSE/$1.AppDir/AppRun"
  install -o alice -g alice -m 755 "$VM_BUILD/tests/vm/programs/appimage" "$HOUSE/$1.AppImage"
}

if [ -e /dev/fuse ] || modprobe fuse; then
  chmod 666 /dev/fuse
  bundle Shop
  bundle Other
  agent_up
  eventually 'somebody can be asked' 60 agents_registered 1
  peer_count_reset
  alice $HOUSE/Shop.AppImage "${TO[@]}" >"$ATTACK/output" 2>&1 </dev/null 9>&- &
  program=$!
  eventually 'an AppImage is asked about' 60 question_shown 1
  ok 'by the name of its file' agent_has "$HOUSE/Shop\.AppImage"
  agent_says allow always
  wait "$program"
  is 'allowed, it gets out' "$?, $(peer_syn_count 80) arrived" '0, 1 arrived'
  agent_down
  like 'by a rule about the AppImage' "$(sallyport rules list)" "parent $HOUSE/Shop.AppImage"
  gets_out 'it gets out when it is started again' alice $HOUSE/Shop.AppImage "${TO[@]}"
  stays_inside 'another one does not' alice $HOUSE/Other.AppImage "${TO[@]}"
  stays_inside 'nor the program that it carries' alice $HOUSE/Shop.AppDir/AppRun "${TO[@]}"
else
  skip 'AppImages' 'this kernel has no FUSE'
fi

attack_table
tap_done
