# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Debian packages for the test machine only, with all that this machine lacks of what they
# need, in the cache: the machine installs them itself with dpkg, or unpacked.sh lays their
# files. Those of another release come of its root (release.sh). Needs base.sh, packages.sh
# and release.sh.

# debs_folder ROOT PACKAGE...: prints the folder they are in, which is filled first if need
# be. Its name carries theirs. ROOT is empty for this machine's own release.
debs_folder() {
  local root=$1 names dir
  shift
  names=$(printf '%s\n' "$@" | sort -u)
  dir=$CACHE/debs/${names//$'\n'/+}
  [ -z "$root" ] || dir=${root%/*}/debs/${dir##*/}
  [ -e "$dir/complete" ] || with_lock "$CACHE/debs/lock" debs_fill "$dir" "$root" "$@" >&2
  printf '%s\n' "$dir"
}

debs_fill() {
  local dir=$1 root=$2
  shift 2
  [ ! -e "$dir/complete" ] || return 0
  rm -rf "$dir"
  mkdir -p "$dir/partial"
  say "packages for the test machine: $*"
  debs_download "$dir" "$root" "$@" >"$dir/apt.log" 2>&1 || {
    tail -n 5 "$dir/apt.log" >&2
    die "$* could not be downloaded"
  }
  touch "$dir/complete"
}

# A machine whose lists are old, or not there, gets new ones.
debs_download() {
  local dir=$1 apt=(apt_get) get
  [ -z "$2" ] || apt=(release_apt "$2")
  shift 2
  get=(install -y -q --no-install-recommends --download-only --reinstall
    -o "Dir::Cache::archives=$dir" -o Debug::NoLocking=1 -o APT::Sandbox::User=root)
  "${apt[@]}" "${get[@]}" "$@" || { "${apt[@]}" update -q && "${apt[@]}" "${get[@]}" "$@"; }
}
