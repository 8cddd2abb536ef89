# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# shellcheck disable=SC2154 # run has set root
#
# The seed: the files that the test machine has on top of the host's root. Made
# on the host, where a process costs nothing. Users alice (1000, of group sudo)
# and bob (1001) have their names for passwords. Needs base.sh; $root is another root than
# the host's, or empty; $session is not, where that is a whole desktop.

# seed_make DIR: what every run has.
seed_make() {
  local etc=$1/etc
  mkdir -p "$etc/default" "$1/home/alice" "$1/home/bob" "$1/opt"
  seed_users "$etc"
  seed_names "$etc"
  seed_tools "$1/opt/sallyport-vm"
  : >"$etc/fstab"
  : >"$etc/environment"
  echo LANG=C.UTF-8 >"$etc/default/locale"
  echo 5a11790125a11790125a117901200000 >"$etc/machine-id"
}

# seed_without FILE ID...: the host's lines, but for alice, bob and their ids.
seed_without() {
  awk -F: '$1 != "alice" && $1 != "bob" && $3 != 1000 && $3 != 1001' "$1"
}

seed_users() {
  local etc=$1
  {
    seed_without "$root/etc/passwd"
    echo 'alice:x:1000:1000:Alice:/home/alice:/bin/bash'
    echo 'bob:x:1001:1001:Bob:/home/bob:/bin/bash'
  } >"$etc/passwd"
  {
    seed_without "$root/etc/group" | awk -F: -v OFS=: '$1 == "sudo" { $4 = "alice" } { print }'
    grep -q '^sudo:' "$root/etc/group" || echo 'sudo:x:27:alice'
    echo 'alice:x:1000:'
    echo 'bob:x:1001:'
  } >"$etc/group"
  seed_passwords >"$etc/shadow"
  chmod 640 "$etc/shadow"
}

# The host's passwords stay out of it: nobody else can log in.
seed_passwords() {
  local name
  seed_without "$root/etc/passwd" | while IFS=: read -r name _; do
    printf '%s:*:19000:0:99999:7:::\n' "$name"
  done
  for name in alice bob; do
    printf '%s:%s:19000:0:99999:7:::\n' "$name" "$(openssl passwd -6 "$name")"
  done
}

seed_names() {
  local etc=$1
  echo sallyport-vm >"$etc/hostname"
  printf '127.0.0.1 localhost sallyport-vm\n::1 localhost\n' >"$etc/hosts"
  echo nameserver 192.0.2.2 >"$etc/resolv.conf"
  [ -n "$session" ] || seed_nsswitch >"$etc/nsswitch.conf"
}

# Without what the host may have besides.
seed_nsswitch() {
  cat <<'END'
passwd: files
group: files
shadow: files
hosts: files dns
networks: files
protocols: files
services: files
END
}

# At a place that every user of the machine can read, wherever the tree is.
seed_tools() {
  mkdir -p "$1/bin"
  cp "$TOP"/tests/vm/lib/guest* "$TOP"/tests/vm/lib/peer.sh "$TOP"/tests/lib/tap.sh "$1/"
  cp "$TOP"/tests/vm/lib/bin/* "$1/bin/"
  chmod -R a+rX "$1"
}

# seed_installed DIR TREE: what the build installs, as if it were, but for the module, which
# the machine takes from where it was built. /lib and the like are links into /usr on the
# machine; folders must not take their place.
seed_installed() {
  local folder
  [ -d "$2" ] || return 0
  tar -C "$2" --exclude=./usr/lib/modules -c . | tar -C "$1" -xp || return 1
  for folder in bin sbin lib lib64; do
    [ -d "$1/$folder" ] || continue
    mkdir -p "$1/usr/$folder"
    cp -a "$1/$folder/." "$1/usr/$folder/"
    rm -r "${1:?}/$folder"
  done
}

# seed_module DIR MODULES MODULE: where DKMS would put it, and modprobe finds it; MODULES is
# the machine's folder. In the machine depmod would take minutes.
seed_module() {
  local to=$1$2 version=${2##*/} tree=$1.modules modules
  modules=$tree/lib/modules/$version
  install -D -m 644 "$3" "$to/updates/dkms/sallyport.ko"
  mkdir -p "$modules"
  cp "$KERNEL_MODULES"/modules.{order,builtin,builtin.modinfo} "$modules/"
  ln -s "$(realpath "$KERNEL_MODULES")/kernel" "$to/updates" "$modules/"
  PATH=$PATH:/usr/sbin:/sbin depmod -b "$tree" "$version" || return 1
  cp "$modules"/modules.* "$to/"
  rm -r "$tree"
  seed_modes "$1" "$2"
}

# seed_modes DIR FOLDER: the seed's folders come over the machine's own, which may be /tmp.
seed_modes() {
  local folder=$2
  while [ "$folder" != / ]; do
    chmod --reference="$folder" "$1$folder"
    folder=$(dirname "$folder")
  done
}
