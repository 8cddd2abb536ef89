# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# TAP from one place carried to another.

# tap_relay NAME STATUS <TAP: the points with NAME in front, the comments after
# each, and a failure of its own where the stream isn't whole: no plan, another
# number of points than planned, or a bad status that no point explains. What is
# not TAP is passed on as comment.
tap_relay() {
  awk -v name="$1" -v status="$2" '
    function point(word, what) { print word " - " name ": " what }
    /^(not )?ok([ \t]|$)/ {
      word = /^not/ ? "not ok" : "ok"
      seen++
      if (word == "not ok" && !/# TODO/) failed++
      sub(/^(not )?ok[ \t]*[0-9]*[ \t]*(-[ \t]*)?/, "")
      point(word, $0)
      next
    }
    /^1\.\.[0-9]+/ {
      planned = 1
      plan = substr($1, 4) + 0
      if (plan == 0) print "# not run: " name (match($0, /SKIP.*/) ? ": " substr($0, RSTART + 5) : "")
      next
    }
    /^Bail out!/ { point("not ok", $0); failed++; next }
    /^TAP version/ || /^$/ { next }
    { sub(/^# ?/, ""); print "# " $0 }
    END {
      if (!planned) point("not ok", "it ended before its plan, after " seen + 0 " tests, with status " status)
      else if (plan != seen) point("not ok", "it planned " plan " tests and ran " seen + 0)
      else if (status != 0 && !failed) point("not ok", "it ended with status " status)
    }'
}
