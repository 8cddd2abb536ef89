# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The machine that inside.sh plays in, for the parts that have built packages. Needs part.sh
# and kernel.sh.

# For the machine's own first run (first_run.sh), and what the newer kernel's headers
# depend on.
MACHINE_DEBS=openssh-server,cups-daemon,cups-client,cups-ipp-utils,pahole

# packages_play NAME FOLDER NEXT-KERNEL [OPTION...] -- [SCENE...]: with the packages in
# FOLDER/one and, newer, FOLDER/two; the options are tests/vm/run's.
packages_play() {
  local name=$1 folder=$2 next=$3 status=0 options=()
  shift 3
  while [ $# != 0 ]; do
    [ "$1" != -- ] || { shift && break; }
    options+=("$1")
    shift
  done
  kernel_prepare "$next"
  "$TOP/tests/vm/run" --bare --systemd --builddir "$BUILD" --results "$LOGS/vm-$name" \
    --debs "$MACHINE_DEBS" --timeout 5400 "${options[@]}" \
    "$TOP/tests/packages/inside.sh" "$folder/one" "$folder/two" "$KERNEL_VERSION" "$KERNEL_ROOT" "$@" \
    >"$LOGS/vm-$name.tap" 2>"$LOGS/vm-$name.log" </dev/null || status=$?
  tap_relay "$name" "$status" <"$LOGS/vm-$name.tap"
  [ "$status" = 0 ] || tail -n 30 "$LOGS/vm-$name.log" | sed 's/^/# /'
}
