# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Packages of other Debian suites than the machine's, beside its own lists and
# without touching them. Needs base.sh.
#
#   suite_update SUITE                 fetches the list
#   suite_newest SUITE PREFIX REGEX    the newest package PREFIX + what fits REGEX
#   suite_download SUITE PACKAGE...    into this folder

# apt's own user may not write into our folders; as root it says so at length.
apt_download() {
  local sandbox=()
  [ "$(id -u)" != 0 ] || sandbox=(-o APT::Sandbox::User=root)
  apt-get -q "${sandbox[@]}" "$@" </dev/null
}

# A configuration of apt's own, made of the machine's sources: whatever mirror it
# uses, we do.
suite_configure() {
  local dir=$CACHE/kernel/$1
  mkdir -p "$dir/lists/partial"
  suite_options=(
    -o "Dir::Etc::sourcelist=$dir/suite.sources" -o Dir::Etc::SourceParts=/none
    -o "Dir::State::Lists=$dir/lists"
  )
  suite_sources "$1" >"$dir/suite.sources"
  [ -s "$dir/suite.sources" ] ||
    die "no source of Debian 12's main part was found under /etc/apt: $1 can't be derived"
}

# Both of apt's formats, as stanzas that differ only in their suite.
suite_sources() {
  local file
  for file in /etc/apt/sources.list.d/*.sources; do
    [ ! -r "$file" ] || awk -v suite="$1" '
      BEGIN { RS = ""; ORS = "\n\n" }
      /(^|\n)Suites:[^\n]* bookworm([ \n]|$)/ {
        gsub(/\n#[^\n]*/, "")
        sub(/Suites:[^\n]*/, "Suites: " suite)
        print
      }' "$file"
  done
  for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
    [ ! -r "$file" ] || sed -n -E \
      's#^deb +(\[[^]]*\] +)?([^ ]+) +bookworm +(.*)$#\1|\2|\3#p' "$file"
  done | while IFS='|' read -r options uri components; do
    printf 'Types: deb\nURIs: %s\nSuites: %s\nComponents: %s\n' "$uri" "$1" "$components"
    [[ ! $options =~ signed-by=([^]\ ]+) ]] || printf 'Signed-By: %s\n' "${BASH_REMATCH[1]}"
    printf '\n'
  done
}

suite_update() {
  suite_configure "$1"
  apt_download "${suite_options[@]}" update
}

suite_newest() {
  suite_configure "$1"
  apt-cache "${suite_options[@]}" pkgnames "$2" | grep -E "^$2$3\$" | sort -V | tail -n 1
}

suite_download() {
  suite_configure "$1"
  shift
  apt_download "${suite_options[@]}" download "$@"
}
