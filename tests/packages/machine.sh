# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The machine that inside.sh plays in, for the parts that have built packages. Needs part.sh,
# kernel.sh and, with a root, release.sh.

# For the machine's own first run (first_run.sh), and what the newer kernel's headers
# depend on.
MACHINE_DEBS=openssh-server,cups-daemon,cups-client,cups-ipp-utils,pahole

# packages_prime ROOT LOG ARG...: prime.sh, in that root if there is one. Only for speed: where
# it can't be done the machine compiles by itself.
packages_prime() {
  local root=$1 log=$2
  shift 2
  if [ -n "$root" ]; then
    release_run "$root" bash -s -- "$@"
  else
    as_root unshare --mount bash -s -- "$@"
  fi <"$TOP/tests/packages/prime.sh" >>"$log" 2>&1 || say "  not compiled before (log: $log)"
}

# packages_prime_all ROOT LOG CCACHE FOLDER NEXT-TREE NEXT-KERNEL: both versions, for the kernel
# that is booted and the next one.
packages_prime_all() {
  local root=$1 log=$2 cache=$3 folder=$4 tree=$5 next=$6 booted version
  : >"$log"
  say '  compiling for DKMS'
  if [ -n "$root" ]; then kernel_prepare_root "$root"; else kernel_prepare 6.1; fi
  booted=$KERNEL_VERSION
  for version in one two; do
    packages_prime "$root" "$log" "$folder/$version" "$cache" "$booted"
    packages_prime "$root" "$log" "$folder/$version" "$cache" "$next" "$tree"
  done
}

# packages_play NAME FOLDER NEXT-KERNEL [OPTION...] -- [SCENE...]: with the packages in
# FOLDER/one and, newer, FOLDER/two; the options are tests/vm/run's.
packages_play() {
  local name=$1 folder=$2 next=$3 status=0 options=() root='' tree version
  shift 3
  while [ $# != 0 ]; do
    [ "$1" != -- ] || { shift && break; }
    options+=("$1")
    [ "$1" != --root ] || root=$2
    shift
  done
  kernel_prepare "$next"
  tree=$KERNEL_ROOT version=$KERNEL_VERSION
  packages_prime_all "$root" "$LOGS/vm-$name-prime.log" "$LOGS/vm-$name/ccache" "$folder" "$tree" \
    "$version"
  "$TOP/tests/vm/run" --bare --systemd --builddir "$BUILD" --results "$LOGS/vm-$name" \
    --debs "$MACHINE_DEBS" --timeout 5400 "${options[@]}" \
    "$TOP/tests/packages/inside.sh" "$folder/one" "$folder/two" "$version" "$tree" "$@" \
    >"$LOGS/vm-$name.tap" 2>"$LOGS/vm-$name.log" </dev/null || status=$?
  tap_relay "$name" "$status" <"$LOGS/vm-$name.tap"
  [ "$status" = 0 ] || tail -n 30 "$LOGS/vm-$name.log" | sed 's/^/# /'
}
