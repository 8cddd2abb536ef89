# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What the parts of ./test share. A part is an executable tests/parts/NN-NAME; it
# prints TAP points on stdout, without a plan, and "# not run: WHAT" for what it
# left out. ./test reads two lines of its head:
#   # needs: GROUP...   groups of packages (packages.sh)
#   # part: long        only in "./test all"

# shellcheck source=tests/lib/base.sh
. "$(dirname "${BASH_SOURCE[0]}")/base.sh"
# shellcheck source=tests/lib/build.sh
. "$TOP/tests/lib/build.sh"
# shellcheck source=tests/lib/relay.sh
. "$TOP/tests/lib/relay.sh"

export TOP BUILD CACHE
LOGS=$BUILD/test
mkdir -p "$LOGS"

# point WHAT LOG COMMAND...: one point; the log's end is shown if it fails.
point() {
  local what=$1 log=$2
  shift 2
  if "$@" >"$log" 2>&1 </dev/null; then
    printf 'ok - %s\n' "$what"
  else
    printf 'not ok - %s\n' "$what"
    tail -n 40 "$log" | sed 's/^/# /'
    return 1
  fi
}

# built: builds what is out of date; says something only when that fails.
built() {
  local text
  text=$(point 'everything builds' "$LOGS/build.log" build_all) && return
  printf '%s\n' "$text"
  return 1
}

# meson_suite SUITE [TEST...]: builds and runs one suite of meson's, or these tests of it.
meson_suite() {
  built || return 0
  local suite=$1 status=0 log=$BUILD/meson-logs/testlog.json
  shift
  rm -f "$log"
  meson test -C "$BUILD" --no-rebuild --suite "$suite" --print-errorlogs "$@" \
    >"$LOGS/$suite.log" 2>&1 </dev/null || status=$?
  if [ -s "$log" ]; then
    "$TOP/tests/lib/meson-tap" "$log"
  else
    printf 'not ok - %s: no test of this suite ran (status %s)\n' "$suite" "$status"
    tail -n 5 "$LOGS/$suite.log" | sed 's/^/# /'
  fi
}
