# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Debian packages for the test machine only, with all that this machine lacks of what they
# need, in the cache: the machine installs them itself with dpkg, or unpacked.sh lays their
# files. Needs base.sh and packages.sh.

# debs_folder PACKAGE...: prints the folder they are in, which is filled first if need
# be. Its name carries theirs.
debs_folder() {
  local names dir
  names=$(printf '%s\n' "$@" | sort -u)
  dir=$CACHE/debs/${names//$'\n'/+}
  [ -e "$dir/complete" ] || with_lock "$CACHE/debs/lock" debs_fill "$dir" "$@" >&2
  printf '%s\n' "$dir"
}

debs_fill() {
  local dir=$1
  shift
  [ ! -e "$dir/complete" ] || return 0
  rm -rf "$dir"
  mkdir -p "$dir/partial"
  say "packages for the test machine: $*"
  debs_download "$dir" "$@" >"$dir/apt.log" 2>&1 || {
    tail -n 5 "$dir/apt.log" >&2
    die "$* could not be downloaded"
  }
  touch "$dir/complete"
}

# A machine whose lists are old, or not there, gets new ones.
debs_download() {
  local dir=$1 get
  shift
  get=(install -y -q --no-install-recommends --download-only --reinstall
    -o "Dir::Cache::archives=$dir" -o Debug::NoLocking=1 -o APT::Sandbox::User=root)
  apt_get "${get[@]}" "$@" || { apt_get update -q && apt_get "${get[@]}" "$@"; }
}
