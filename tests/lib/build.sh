# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Building, and laying out what is built as if it were installed, for the test
# machine. Needs base.sh.

# Where modules for a kernel are built, ours and the tests' (tests/vm/NAME); the default
# kernel's by meson.
kernel_module_path() {
  case $1 in
    6.1) printf '%s/kmod/sallyport.ko\n' "$BUILD" ;;
    *) printf '%s/kmod-%s/sallyport.ko\n' "$BUILD" "$1" ;;
  esac
}

# kernel_test_module_path KERNEL NAME
kernel_test_module_path() {
  case $1 in
    6.1) printf '%s/tests/vm/%s/%s.ko\n' "$BUILD" "$2" "$2" ;;
    *) printf '%s/kmod-%s/%s.ko\n' "$BUILD" "$1" "$2" ;;
  esac
}

# kernel_modules_build KERNEL: for another kernel than meson builds for; after
# kernel_prepare. kbuild looks itself for what is out of date.
kernel_modules_build() { with_lock "$BUILD/kmod-$1.lock" kernel_modules_build_locked "$1"; }

kernel_modules_build_locked() {
  local asleep=$TOP/tests/vm/asleep
  kernel_module_make "$1" work "$(kernel_module_path "$1")" \
    "$TOP/kmod/Kbuild" "$TOP"/kmod/*.[ch] "$TOP"/kmod/uapi/*.h
  kernel_module_make "$1" asleep-work "$(kernel_test_module_path "$1" asleep)" \
    "$asleep/Kbuild" "$asleep/asleep.c"
}

# kernel_module_make KERNEL FOLDER OUTPUT SOURCE...
kernel_module_make() {
  local folder=$BUILD/kmod-$1/$2 log=$BUILD/kmod-$1.log kernel=$1 output=$3
  shift 3
  mkdir -p "$folder"
  KBUILD_ARGS=$KERNEL_KBUILD \
    "$TOP/kmod/build.sh" "$KERNEL_HEADERS" "$output" "$folder" "$@" >"$log" 2>&1 </dev/null && return
  tail -n 20 "$log" >&2
  die "${output##*/} doesn't build for kernel $kernel (log: $log)"
}

# As a package would have it, so that paths in units and policies are right.
configure_build() {
  [ -e "$BUILD/build.ninja" ] && return
  local options=()
  [ "${CI-}" != true ] || options=(--werror) # a newer compiler must not stop a user
  meson setup "$BUILD" "$TOP" --prefix=/usr --sysconfdir=/etc --localstatedir=/var \
    "${options[@]}"
}

build_all() {
  configure_build && ninja -C "$BUILD"
}

# stage_build: BUILD/vm-root, which the test machine has over its own root. Only
# what changed is copied; what is not built yet is left out with a word.
stage_build() {
  [ -e "$BUILD/build.ninja" ] || return 0
  with_lock "$BUILD/vm-root.lock" stage_build_locked ||
    say "vm: 'meson install' failed (log: $BUILD/vm-root.log): the machine has what was installed before"
}

stage_build_locked() {
  DESTDIR=$BUILD/vm-root meson install -C "$BUILD" --no-rebuild --only-changed --quiet \
    >"$BUILD/vm-root.log" 2>&1
}
