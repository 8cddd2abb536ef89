#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# build.sh FOLDER [VERSION]: the Debian packages of this tree, built from a copy in
# FOLDER, where they are then. With VERSION as if it were that version: for
# upgrades, and without their tests, which are the same. What is not under version control
# stays behind. With $SALLYPORT_ROOT in that root of another release (release.sh). Nothing
# in it wants root: where root calls this, nobody builds.

set -eu -o pipefail

# shellcheck source=tests/lib/base.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib/base.sh"
# shellcheck source=tests/lib/release.sh
. "$TOP/tests/lib/release.sh"

# What git would commit, or, in an unpacked archive, all but what was built.
copy_tree() {
  local tree=$1
  rm -rf "$tree"
  mkdir -p "$tree"
  if [ -e "$TOP/.git" ]; then
    # shellcheck disable=SC2016 # for the inner shell
    (cd "$TOP" && git ls-files -z --cached --others --exclude-standard |
      xargs -0 sh -c 'for f; do [ ! -e "$f" ] || printf "%s\0" "$f"; done' sh |
      tar --null --files-from=- -cf -) | tar -C "$tree" -xf -
  else
    tar -C "$TOP" --exclude=./build -cf - . | tar -C "$tree" -xf -
  fi
}

# The version stands in three places; lint sees that they agree.
set_version() {
  local tree=$1 version=$2
  sed -i "s/version: '[0-9.]*'/version: '$version'/" "$tree/meson.build"
  sed -i "s/define SALLYPORT_VERSION .*/define SALLYPORT_VERSION \"$version\"/" \
    "$tree/kmod/version.h"
  sed -i "1s/([^)]*)/($version)/" "$tree/debian/changelog"
}

main() {
  local folder=$1 version=${2-} options=parallel=2
  copy_tree "$folder/sallyport"
  if [ -n "$version" ]; then
    set_version "$folder/sallyport" "$version"
    options+=' nocheck'
  fi
  options=${DEB_BUILD_OPTIONS-$options}
  if [ "$(id -u)" = 0 ] && [ -z "${SALLYPORT_ROOT-}" ]; then
    build_as_nobody "$folder" "$options"
  else
    build_in "$folder/sallyport" "$options"
  fi
}

# build_in TREE OPTIONS [COMMAND...]: by way of that command.
build_in() {
  local tree=$1 build=(env "DEB_BUILD_OPTIONS=$2")
  shift 2
  [ -z "${SALLYPORT_ROOT-}" ] || build=(release_run "$SALLYPORT_ROOT" "${build[@]}")
  # shellcheck disable=SC2016 # for the inner shell
  "${build[@]}" "$@" sh -c 'cd "$1" && dpkg-buildpackage -us -uc -b' sh "$tree"
}

# build_as_nobody FOLDER OPTIONS: elsewhere, where nobody can get to.
build_as_nobody() {
  local folder=$1 status=0 work
  work=$(mktemp -d)
  mv "$folder/sallyport" "$work/"
  chown -R nobody:nogroup "$work"
  (umask 077 && build_in "$work/sallyport" "$2" \
    setpriv --reuid nobody --regid nogroup --clear-groups env HOME=/nonexistent) || status=$?
  chown -R root:root "$work"
  cp -a "$work/." "$folder/"
  rm -rf "$work"
  return "$status"
}

main "$@"
