#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vm: --smp 1 --timeout 600
#
# A program of alice's that may not go out tries to be taken for /usr/bin/curl,
# which may: whatever it does to names, files and namespaces, it is refused and
# nothing of it arrives. And one that is denied tries to be taken for another.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=tests/lib/tap.sh
. "$here/../../lib/tap.sh"
# shellcheck source=tests/vm/lib/peer.sh
. "$here/../lib/peer.sh"
# shellcheck source=tests/vm/lib/attack.sh
. "$here/../lib/attack.sh"

TO='192.0.2.2 80'
HOUSE=/home/alice

# Where --systemd opens a session, this only changes the user.
alice() { setpriv --reuid alice --regid alice --init-groups env -i HOME=$HOUSE PATH="$PATH" "$@"; }

alice_says() { alice bash -c "cd && $1"; }

rule() { sallyport rules add "$1"; }

ok 'the peer and its servers are there' peer_up http
ok 'the tools of the attacks are there' attack_tools
ok 'curl may go out' rule 'allow out program /usr/bin/curl'
cp "$ATTACK"/{reach,forge} "$HOUSE/"
mkdir -p "$HOUSE"/{tree/usr/bin,mnt,bin}
cp "$ATTACK/reach" "$HOUSE/tree/usr/bin/curl"
chown -R alice:alice "$HOUSE"

# --- what the others are compared with ------------------------------------------

gets_out 'curl itself' alice curl -sS -m 90 -o /dev/null http://192.0.2.2/
stays_inside 'the program that may not' alice_says "./reach $TO"

# --- names ------------------------------------------------------------------------

stays_inside 'argv[0] is /usr/bin/curl' alice_says "exec -a /usr/bin/curl ./reach $TO"
stays_inside 'prctl(PR_SET_NAME, "curl")' alice_says "./reach -n curl $TO"
stays_inside 'a copy called curl' alice_says "cp reach bin/curl && bin/curl $TO"
stays_inside 'the same, first in PATH' alice_says "PATH=\$HOME/bin:\$PATH curl $TO"
stays_inside 'a hard link called curl' alice_says "ln -f reach bin/curl && bin/curl $TO"
stays_inside 'a symbolic link called curl' alice_says "ln -sf ../reach bin/curl && bin/curl $TO"
stays_inside 'renamed while it runs' alice_says \
  "cp reach bin/go && touch gate && { bin/go -w gate $TO & } && mv bin/go bin/curl && rm gate && wait \$!"
said 'as /proc/self/exe says' '/bin/curl'
stays_inside 'its file is replaced by curl while it runs' alice_says \
  "cp reach bin/go && touch gate && { bin/go -w gate $TO & } && cp /usr/bin/curl new && mv new bin/go && rm gate && wait \$!"
stays_inside 'a deleted file' alice_says "cp reach bin/curl && ./forge deleted bin/curl $TO"
said 'as /proc/self/exe says' 'curl \(deleted\)'
stays_inside 'memory that is called /usr/bin/curl' alice_says \
  "./forge memfd /usr/bin/curl ./reach $TO"

# A script is its interpreter, whatever its name.
script_called_curl() {
  # shellcheck disable=SC2016 # for alice's shell
  alice_says 'printf "#!/bin/bash\nexec 3<>/dev/tcp/192.0.2.2/80 || exit 7\n" >bin/curl &&
    chmod 755 bin/curl && bin/curl'
}
stays_inside 'a script called curl' script_called_curl

# --- the loader: the file that was executed is ld.so --------------------------------

loader=$(readlink -f /lib64/ld-linux-x86-64.so.2)
stays_inside 'ld.so /usr/bin/curl' alice "$loader" /usr/bin/curl -sS -m 90 http://192.0.2.2/

# --- mounts and roots ------------------------------------------------------------------

stays_inside 'mounted over /usr/bin/curl, executed there' alice_says \
  "unshare -rm sh -c 'mount --bind reach /usr/bin/curl && exec /usr/bin/curl $TO'"
said 'as /proc/self/exe says' 'exe /usr/bin/curl'
stays_inside 'mounted over /usr/bin/curl there, executed here' alice_says \
  "./forge bound /usr/bin/curl ./reach $TO"
said 'as /proc/self/exe says' 'exe /usr/bin/curl'
stays_inside 'from a mount that is attached nowhere' alice_says \
  "./forge detached tree usr/bin/curl $TO"
said 'as /proc/self/exe says' 'exe /usr/bin/curl'
stays_inside 'from a mount that was taken away' alice_says \
  "./forge unmounted tree usr/bin/curl $TO"
said 'as /proc/self/exe says' 'exe /usr/bin/curl'
stays_inside 'chroot' alice_says "unshare -r chroot tree /usr/bin/curl $TO"
stays_inside 'an overlay over /usr/bin' alice_says "unshare -rm sh -c '
  mount -t tmpfs t /mnt && mkdir /mnt/u /mnt/w && cp reach /mnt/u/curl &&
  mount -t overlay o -o lowerdir=/usr/bin,upperdir=/mnt/u,workdir=/mnt/w /usr/bin &&
  exec /usr/bin/curl $TO'"
said 'as /proc/self/exe says' 'exe /usr/bin/curl'
stays_inside 'a file system in memory over /usr/bin' alice_says "unshare -rm sh -c '
  mount -t tmpfs t /mnt && cp reach /mnt/curl && mount --bind /mnt /usr/bin &&
  exec /usr/bin/curl $TO'"
said 'as /proc/self/exe says' 'exe /usr/bin/curl'
stays_inside 'the real curl, in namespaces of its own making' alice_says \
  'unshare -r curl -sS -m 90 http://192.0.2.2/'
stays_inside 'PR_SET_MM_MAP: /proc/self/exe is /usr/bin/curl' alice_says \
  "./forge exe /usr/bin/curl $TO"
said 'indeed' 'exe /usr/bin/curl'

if [ -e /dev/fuse ] || modprobe fuse; then
  chmod 666 /dev/fuse
  ok 'alice mounts a file system of hers' alice_says 'bindfs --no-allow-other tree/usr/bin mnt'
  stays_inside 'curl of a FUSE file system' alice_says "mnt/curl $TO"
  alice_says 'fusermount3 -u mnt'
else
  skip 'curl of a FUSE file system' 'this kernel has no FUSE'
fi

# --- sockets of others --------------------------------------------------------------------

# "pass" and "may" are root's and may go out; alice's copies of the same may not.
cp "$ATTACK/reach" "$ATTACK/may"
cp "$ATTACK/pass" "$HOUSE/pass"
ok 'they may' rule "allow out program $ATTACK/pass"
ok 'both' rule "allow out program $ATTACK/may"

gets_out 'a socket made by one that may not, used by one that may' \
  alice_says "./pass $ATTACK/may -i $TO"
stays_inside 'a socket made by one that may, used by one that may not' \
  alice_says "$ATTACK/pass ./reach -i $TO"
ATTACK_COUNT='peer_count udp 7'
sends_one 'a datagram socket made by one that may not, used by one that may' \
  alice_says "./pass -u $ATTACK/may -u -i 192.0.2.2 7"
sends_nothing 'a datagram socket made by one that may, used by one that may not' \
  alice_says "$ATTACK/pass -u ./reach -u -i 192.0.2.2 7"
ATTACK_COUNT='peer_count udp 7 192.0.2.3'
sends_nothing 'the same, after it was used, to another address' \
  alice_says "$ATTACK/pass -u -s 192.0.2.2 7 ./reach -u -i 192.0.2.3 7"
ATTACK_COUNT='peer_syn_count 80'

# --- users ----------------------------------------------------------------------------------

ok 'root may go to the other address with anything' rule 'allow out user root to 192.0.2.3'
stays_inside 'alice, root of a user namespace of hers' \
  alice_says 'unshare -r ./reach 192.0.2.3 80'

# --- a program that is denied -------------------------------------------------------------

# It is named by its path: a copy is another program, and the rules for others
# decide, here one that allows bob everything.
bob() { setpriv --reuid bob --regid bob --init-groups env -i HOME=/home/bob PATH="$PATH" "$@"; }
bob_says() { bob bash -c "cd && $1"; }
cp "$ATTACK/reach" "$ATTACK/denied"
ok 'bob may do anything' rule 'allow out user bob'
ok 'but with that program' rule "deny out program $ATTACK/denied user bob"
stays_inside 'a program that is denied' bob "$ATTACK/denied" 192.0.2.2 80
stays_inside 'by another name' bob_says "exec -a /usr/bin/curl $ATTACK/denied -n curl $TO"
stays_inside 'by a symbolic link' bob_says "ln -s $ATTACK/denied other && ./other $TO"
stays_inside 'through /proc/self/fd' bob_says \
  "exec 3<$ATTACK/denied && exec /proc/self/fd/3 $TO"
gets_out 'a copy of it is another program' bob_says "cp $ATTACK/denied copy && ./copy $TO"

# --- what remains -----------------------------------------------------------------------------

# Whoever can make an allowed program do as he likes has what it may.
gets_out 'remains: a library preloaded into curl' \
  alice env LD_PRELOAD="$ATTACK/preload.so" curl http://192.0.2.2/

attack_table
tap_done
