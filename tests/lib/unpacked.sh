# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Debian packages that only the test machine is to have, with all that this machine lacks
# of what they need: unpacked into the cache, not installed here, where their services would
# start. Needs base.sh, packages.sh and debs.sh.

# unpacked_folder GROUP: prints the folder with the files of its packages.
unpacked_folder() {
  local dir=$CACHE/unpacked/$1
  with_lock "$dir.lock" unpack_once "$1" "$dir" || return 1
  printf '%s\n' "$dir"
}

# What is complete is there under its name, and has the packages that are wanted now.
unpack_once() {
  local names
  names=$(package_names "$1") || return 1
  [ "$(cat "$2.names" 2>/dev/null)" != "$names" ] || return 0
  rm -rf "$2" "$2.new" "$2.names"
  mkdir -p "$2.new"
  # shellcheck disable=SC2086 # a list of words
  unpack_into "$2.new" $names >"$2.log" 2>&1 || {
    say "packages: ${names//$'\n'/ } could not be had (log: $2.log)"
    return 1
  }
  mv "$2.new" "$2" && printf '%s\n' "$names" >"$2.names"
}

unpack_into() {
  local dir=$1 debs deb
  shift
  debs=$(debs_folder '' "$@") || return 1
  for deb in "$debs"/*.deb; do
    dpkg -x "$deb" "$dir" || return 1
  done
}
