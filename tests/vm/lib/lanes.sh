# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Several virtual machines at a time, their points in the order in which they were begun.
# To be sourced after tests/lib/part.sh.

# A machine has 2 GB, and waits a third of its time. With more processors than this
# machine can give they wait for each other, so a suite that is not about what two do at
# once has one (--smp 1): two such take as long together as one with two does alone. Three
# take as long each as two after the other, and a question's minute is over too soon.
room_for() {
  local gigabytes
  gigabytes=$(awk '/^MemAvailable/ { print int($2 / 1048576) }' /proc/meminfo)
  if [ "$(nproc)" -ge 2 ] && [ "$gigabytes" -ge 6 ]; then echo 2; else echo 1; fi
}

lanes=${VM_LANES:-$(room_for)} shown=()

# in_lane NAME COMMAND...: beside others, its output for show_lanes.
in_lane() {
  local name=$1
  shift
  while [ "$(jobs -rp | wc -l)" -ge "$lanes" ]; do
    wait -n
  done
  "$@" >"$LOGS/vm-$name.points" </dev/null &
  shown+=("$LOGS/vm-$name.points")
}

show_lanes() {
  wait
  [ ${#shown[@]} = 0 ] || cat "${shown[@]}"
}
