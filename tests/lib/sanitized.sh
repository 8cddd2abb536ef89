# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# For parts: a suite of meson's once more with AddressSanitizer and
# UndefinedBehaviorSanitizer, in a build folder of their own. Programs run whole; what they
# report, leaks at their end too, fails the test.

SANITIZED=$BUILD/asan

export ASAN_OPTIONS=fast_unwind_on_malloc=0:malloc_context_size=20 UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
export LSAN_OPTIONS=suppressions=$TOP/tests/gui/leaks.supp
export CK_TIMEOUT_MULTIPLIER=10 # of a test: they are as much slower

sanitized_configured() {
  [ -e "$SANITIZED/build.ninja" ] ||
    meson setup "$SANITIZED" "$TOP" --prefix=/usr --sysconfdir=/etc --localstatedir=/var \
      -Dkmod=false -Dgui=enabled -Db_sanitize=address,undefined -Db_lundef=false
}

# sanitized_suite SUITE
sanitized_suite() {
  local log=$LOGS/$1-asan.log
  point 'there is a build folder with sanitizers' "$LOGS/$1-asan-setup.log" \
    sanitized_configured || return 0
  rm -f "$SANITIZED/meson-logs/testlog.json"
  # It builds what the suite needs, and no more: some of the rest can't be linked so.
  meson test -C "$SANITIZED" --suite "$1" --timeout-multiplier 12 --print-errorlogs \
    >"$log" 2>&1 </dev/null
  if [ -s "$SANITIZED/meson-logs/testlog.json" ]; then
    "$TOP/tests/lib/meson-tap" "$SANITIZED/meson-logs/testlog.json"
  else
    printf 'not ok - no test of the suite ran\n'
    tail -n 20 "$log" | sed 's/^/# /'
  fi
}
