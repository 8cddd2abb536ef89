# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Kernels built for the tests from Debian's linux-source, with the checks that no
# distribution turns on: tests/vm/kernel/NAME.config on top of base.config there.
# Built when first asked for (minutes on two idle cores), kept in the cache; a build
# that was interrupted goes on where it was. To have a newer source, remove the
# cache. Needs base.sh, packages.sh, kernel.sh.
# shellcheck disable=SC2034 # for those who source this

DEBUG_KERNELS="debug"
DEBUG_KERNEL_SOURCE=linux-source-6.1

# debug_kernel_prepare NAME: as kernel_prepare, for one of these.
debug_kernel_prepare() {
  local sum tree
  sum=$(debug_kernel_wanted "$1" | sha256sum)
  tree=$CACHE/kernel/$1-${sum:0:12}
  [ -e "$tree/complete" ] || with_lock "$CACHE/kernel/$1.lock" debug_kernel_fill "$1" "$tree"
  KERNEL_VERSION=$(<"$tree/complete")
  kernel_use_tree "$tree"
  KERNEL_HEADERS=$tree/headers
  KERNEL_PACE=6
  KERNEL_MACHINE=q35
  KERNEL_MEMORY=3G
}

debug_kernel_wanted() { cat "$TOP/tests/vm/kernel/base.config" "$TOP/tests/vm/kernel/$1.config"; }

# The work folder is kept until all is done.
debug_kernel_fill() {
  local name=$1 tree=$2 work=$2/work
  [ ! -e "$tree/complete" ] || return 0
  install_packages kernel
  mkdir -p "$work/build"
  debug_kernel_step "$1" "$tree" unpacking debug_kernel_unpack "$work"
  debug_kernel_step "$1" "$tree" configuring debug_kernel_configure "$name" "$work"
  debug_kernel_step "$1" "$tree" 'building, which takes a while' \
    debug_kernel_make "$work" -j "$(nproc)" bzImage modules
  debug_kernel_step "$1" "$tree" installing debug_kernel_install "$work" "$tree"
  debug_kernel_make "$work" kernelrelease >"$tree/complete.new"
  mv "$tree/complete.new" "$tree/complete"
  rm -rf "$work"
}

# debug_kernel_step NAME TREE WHAT COMMAND...
debug_kernel_step() {
  local name=$1 log=$2/build.log what=$3
  shift 3
  say "kernel $name: $what"
  "$@" >"$log" 2>&1 </dev/null && return
  tail -n 20 "$log" >&2
  die "kernel $name: $what failed (log: $log)"
}

debug_kernel_make() {
  local work=$1
  shift
  nice -n 10 make -s -C "$work/source" O="$work/build" "$@"
}

debug_kernel_unpack() {
  [ ! -e "$1/source" ] || return 0
  rm -rf "$1/deb"
  mkdir -p "$1/deb/source"
  (cd "$1/deb" && apt_download download "$DEBUG_KERNEL_SOURCE" && dpkg -x ./*.deb .) || return 1
  tar -xf "$1/deb/usr/src/$DEBUG_KERNEL_SOURCE.tar.xz" -C "$1/deb/source" --strip-components=1 &&
    mv "$1/deb/source" "$1/source" && rm -r "$1/deb"
}

# allnoconfig: what is not wanted is off, but for what only experts may turn off.
debug_kernel_configure() {
  local wanted=$2/wanted.config
  debug_kernel_wanted "$1" >"$wanted"
  debug_kernel_make "$2" KCONFIG_ALLCONFIG="$wanted" allnoconfig &&
    debug_kernel_check "$wanted" "$2/build/.config"
}

# debug_kernel_check WANTED GOT: an option whose dependencies are not met is dropped
# without a word, and a check that is not there finds nothing.
debug_kernel_check() {
  local wrong
  wrong=$(
    grep '^CONFIG_' "$1" | grep -v -x -F -f "$2"
    sed -n 's/^# \(CONFIG_[^ ]*\) is not set$/^\1=/p' "$1" | grep -f - "$2"
  ) || :
  [ -n "$wrong" ] || return 0
  printf 'not as wanted in the configuration that came out:\n%s\n' "$wrong"
  return 1
}

debug_kernel_install() {
  local work=$1 tree=$2 version
  version=$(debug_kernel_make "$work" kernelrelease) || return 1
  rm -rf "${tree:?}"/{boot,lib,headers}
  mkdir -p "$tree/boot" "$tree/headers"
  cp "$work/build/arch/x86/boot/bzImage" "$tree/boot/vmlinuz-$version" &&
    cp "$work/build/.config" "$tree/boot/config-$version" &&
    PATH=$PATH:/usr/sbin:/sbin debug_kernel_make "$work" INSTALL_MOD_PATH="$tree" modules_install &&
    rm -f "$tree/lib/modules/$version"/{build,source} &&
    debug_kernel_headers "$work/source" "$work/build" "$tree/headers"
}

# debug_kernel_headers SOURCE BUILD TO: what modules are built with, as a package of
# headers has it: source and build folder in one.
debug_kernel_headers() {
  (cd "$1" &&
    find . arch/x86 -maxdepth 1 -name 'Makefile*' &&
    find include scripts -type f -o -type l &&
    find arch/x86 -name module.lds -o -name Kbuild.platforms -o -name Platform &&
    find arch/x86 -type d \( -name include -o -name scripts \) -exec find {} -type f \;) |
    tar -C "$1" -c -T - | tar -C "$3" -x &&
    (cd "$2" && find .config Module.symvers tools/objtool/objtool arch/x86/include include scripts -type f) |
    tar -C "$2" -c -T - | tar -C "$3" -x
}
