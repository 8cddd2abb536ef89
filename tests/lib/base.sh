# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What every script of the test tools starts with: where the tree is, where
# things are kept, how one speaks and how one gives up.

# The tree's top, whatever the caller's folder; blanks in it are fine.
TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)

# shellcheck disable=SC2034 # for those who source this
# The build folder and, for downloads worth keeping between runs, the cache.
BUILD=${SALLYPORT_BUILD:-$TOP/build}
# shellcheck disable=SC2034
CACHE=${SALLYPORT_CACHE:-$TOP/build/cache}

# Everything said here goes to stderr: stdout belongs to what is run.
say() { printf '%s\n' "$*" >&2; }
die() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}

# as_root COMMAND...: what needs root, with sudo for those who are not.
as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo -- "$@"
  else
    die "this needs root, and there is no sudo: run it as root"
  fi
}

# with_lock FILE COMMAND...: two runs at once must not fill the same folder.
with_lock() {
  local file=$1
  shift
  mkdir -p "${file%/*}"
  (
    flock 9
    "$@"
  ) 9>"$file"
}
