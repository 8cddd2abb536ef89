#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# build.sh FOLDER [VERSION]: the Debian packages of this tree, built from a copy in
# FOLDER, where they are then. With VERSION as if it were that version: for
# upgrades, and without their tests, which are the same. What is not under version control
# stays behind. With $SALLYPORT_ROOT in that root of another release (release.sh).

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
  build_in "$folder/sallyport" "${DEB_BUILD_OPTIONS-$options}"
}

# build_in TREE OPTIONS
build_in() {
  local build=(env)
  [ -z "${SALLYPORT_ROOT-}" ] || build=(release_run "$SALLYPORT_ROOT" env)
  # shellcheck disable=SC2016 # for the inner shell
  "${build[@]}" DEB_BUILD_OPTIONS="$2" sh -c 'cd "$1" && dpkg-buildpackage -us -uc -b' sh "$1"
}

main "$@"
